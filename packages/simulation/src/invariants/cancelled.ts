import { is, type Invariant } from "./invariant.ts";

/** What is still written of a cancelled run: what was under way, what is taken back, and that its driver leaves. */
const MAY_FOLLOW = new Set([
  "run cancel_noticed", "run settled", "run compensating", "run walk_claimed", "run walk_released", "run compensated", "run stuck",
  "effect confirmed", "effect failed", "effect unknown", "effect observed", "effect conflict", "effect late_failure", "effect retried", "effect in_flight",
  "obligation registered", "obligation armed", "obligation compensated", "obligation attempt_failed", "obligation stuck", "obligation retried", "obligation waived",
]);
const MAY_BE = new Set(["CANCELLED", "COMPENSATING", "COMPENSATED", "STUCK"]);

/** A cancelled run stays cancelled: nothing new is asked, begun or handed over, and only its compensation follows. */
export const cancelled: Invariant = {
  name: "cancel is sticky",
  watch: ({ model }, violated) => {
    const over = new Set<string>();
    return {
      grew: (run, fresh) => {
        let isNow = false;
        for (const entry of fresh) {
          // What is closed with the run is written by the same verb.
          if (over.has(run.id) && !MAY_FOLLOW.has(`${entry.kind} ${entry.verb}`)) violated(`run ${run.id} was cancelled, and then came ${entry.kind}.${entry.verb} (entry ${entry.seq})`);
          isNow ||= is(entry, "run", "cancelled");
        }
        if (isNow) over.add(run.id);
      },
      said: () => {
        for (const id of over) {
          const { status } = model.runs.get(id)!;
          if (!MAY_BE.has(status)) violated(`run ${id} was cancelled, and now it is ${status}`);
        }
      },
    };
  },
};
