import { fieldOf, is, type Invariant } from "./invariant.ts";

/** A model is asked only what the journal says is asked, and never again what is answered there. */
export const asked: Invariant = {
  name: "nothing recorded is asked again",
  watch: (_, violated) => {
    const labels = new Map<string, string>();
    const answered = new Map<string, number>();
    return {
      grew: (_run, fresh) => {
        for (const entry of fresh) {
          if (is(entry, "decision", "asked")) labels.set(fieldOf(entry, "key"), fieldOf<{ label: string }>(entry, "request").label);
          if (!is(entry, "decision", "answered", "failed")) continue;
          const key = fieldOf(entry, "key");
          if (answered.has(key)) violated(`decision ${key} was answered twice (entry ${entry.seq})`);
          answered.set(key, entry.seq);
        }
      },
      asked: (label) => {
        const keys = [...labels].filter(([, each]) => each === label).map(([key]) => key);
        if (keys.length === 0) violated(`a model was asked ${label}, and no journal says so`);
        // A call that was begun before its answer came from another driver is on its way already.
        if (keys.length > 0 && keys.every((key) => answered.has(key))) violated(`a model was asked ${label} again, and its journal has the answer`);
      },
    };
  },
};
