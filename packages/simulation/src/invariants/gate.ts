import { fieldOf, is, type Invariant } from "./invariant.ts";

/** A gate has at most one outcome, the journal and the row say the same, and neither changes. */
export const gate: Invariant = {
  name: "one outcome per gate",
  watch: ({ model }, violated) => {
    const ended = new Map<string, string>();
    const rows = new Map<string, string>();
    return {
      grew: (run, fresh) => {
        for (const entry of fresh) {
          if (!is(entry, "gate", "decided", "timed_out", "cancelled")) continue;
          const id = fieldOf(entry, "gateId");
          const how = entry.verb === "decided" ? fieldOf(entry, "outcome") : entry.verb;
          if (ended.has(id)) violated(`gate ${id} of run ${run.id} was ${ended.get(id)}, and now it is ${how} (entry ${entry.seq})`);
          ended.set(id, how);
        }
      },
      said: () => {
        for (const { id, status, outcome, decidedBy, decidedAt } of model.gates.values()) {
          if (ended.has(id) && status === "OPEN") violated(`gate ${id} was ${ended.get(id)}, and now it is open`);
          if (outcome === null) continue;
          const now = `${outcome} by ${decidedBy} at ${decidedAt}`;
          if ((rows.get(id) ?? now) !== now) violated(`gate ${id} was ${rows.get(id)}, and now it is ${now}`);
          if (outcome !== ended.get(id)) violated(`gate ${id} is ${outcome}, and its journal says ${ended.get(id) ?? "nothing"}`);
          rows.set(id, now);
        }
      },
    };
  },
};
