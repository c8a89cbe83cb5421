import { fieldOf, is, type Invariant } from "./invariant.ts";

/** An effect has one outcome, and a key one confirmed effect. */
export const confirmed: Invariant = {
  name: "one outcome per key",
  watch: (_, violated) => {
    const outcomes = new Map<string, string>();
    return {
      grew: (run, fresh) => {
        for (const entry of fresh) {
          if (!is(entry, "effect", "confirmed", "failed")) continue;
          const key = fieldOf(entry, "key");
          const before = outcomes.get(key);
          if (before !== undefined) violated(`effect ${key} of run ${run.id} was ${before}, and now it is ${entry.verb} (entry ${entry.seq})`);
          outcomes.set(key, entry.verb);
        }
      },
    };
  },
};
