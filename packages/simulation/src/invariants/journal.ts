import type { EntryRow } from "../model/index.ts";
import type { Invariant } from "./invariant.ts";

/** `seq` is gapless from 1, and what was written never changes. */
export const journal: Invariant = {
  name: "gapless journal",
  watch: ({ model }, violated) => {
    const written = new Map<string, string[]>();
    const textOf = ({ seq, kind, verb, ref, at, payload }: EntryRow) => JSON.stringify([seq, kind, verb, ref, at, payload]);
    return {
      grew: (run, fresh) => {
        const known = written.get(run.id) ?? [];
        written.set(run.id, known);
        for (const entry of fresh) {
          known.push(textOf(entry));
          if (entry.seq !== known.length) violated(`run ${run.id} has entry ${entry.seq} in place ${known.length}`);
        }
        if (run.seq !== known.length) violated(`run ${run.id} says seq ${run.seq} and has ${known.length} entries`);
      },
      ended: () => {
        for (const [runId, texts] of written) {
          const now = model.journals.get(runId) ?? [];
          texts.forEach((text, place) => {
            if (!now[place] || textOf(now[place]) !== text) violated(`entry ${place + 1} of run ${runId} changed after it was written`);
          });
        }
      },
    };
  },
};
