import { fieldOf, is, type Invariant } from "./invariant.ts";

/** A model is called once for each time that a journal says it is asked, and never asked again what is answered there. */
export const asked: Invariant = {
  name: "nothing recorded is asked again",
  watch: (_, violated) => {
    const questions = new Map<string, number>();
    const calls = new Map<string, number>();
    const answered = new Map<string, number>();
    return {
      grew: (_run, fresh) => {
        for (const entry of fresh) {
          if (is(entry, "decision", "asked")) {
            const { label } = fieldOf<{ label: string }>(entry, "request");
            questions.set(label, (questions.get(label) ?? 0) + 1);
            if (answered.has(fieldOf(entry, "key"))) violated(`decision ${fieldOf(entry, "key")} is asked again (entry ${entry.seq}), and entry ${answered.get(fieldOf(entry, "key"))} is its answer`);
          }
          if (!is(entry, "decision", "answered", "failed")) continue;
          const key = fieldOf(entry, "key");
          if (answered.has(key)) violated(`decision ${key} was answered twice (entry ${entry.seq})`);
          answered.set(key, entry.seq);
        }
      },
      asked: (label) => {
        calls.set(label, (calls.get(label) ?? 0) + 1);
        if (calls.get(label)! > (questions.get(label) ?? 0)) violated(`a model was asked ${label} ${calls.get(label)} times, and journals say so ${questions.get(label) ?? 0} times`);
      },
    };
  },
};
