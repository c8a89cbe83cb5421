import { fieldOf, is, type Invariant } from "./invariant.ts";

/** What a run has spent is the sum of what its decisions were settled at, each once; what is set aside is for the others. */
export const budget: Invariant = {
  name: "the budget adds up",
  watch: (_, violated) => {
    const spent = new Map<string, number>();
    const reserved = new Map<string, Map<string, number>>();
    return {
      grew: (run, fresh) => {
        const open = reserved.get(run.id) ?? new Map<string, number>();
        reserved.set(run.id, open);
        for (const entry of fresh) {
          if (is(entry, "budget", "reserved")) {
            if (open.has(fieldOf(entry, "key"))) violated(`decision ${fieldOf(entry, "key")} was set aside for twice`);
            open.set(fieldOf(entry, "key"), fieldOf<number>(entry, "tokens"));
          }
          // A run without caps sets nothing aside, and its decisions are charged at their answers.
          if (is(entry, "decision", "answered") && !open.has(fieldOf(entry, "key"))) {
            const { inputTokens, outputTokens } = fieldOf<{ inputTokens: number; outputTokens: number }>(entry, "usage");
            spent.set(run.id, (spent.get(run.id) ?? 0) + inputTokens + outputTokens);
          }
          if (is(entry, "budget", "settled")) {
            if (!open.delete(fieldOf(entry, "key"))) violated(`decision ${fieldOf(entry, "key")} was settled, and nothing was set aside for it`);
            spent.set(run.id, (spent.get(run.id) ?? 0) + fieldOf<number>(entry, "tokens"));
          }
        }
        const aside = [...open.values()].reduce((sum, each) => sum + each, 0);
        if (run.spentTokens !== (spent.get(run.id) ?? 0)) violated(`run ${run.id} says it has spent ${run.spentTokens} tokens, its journal ${spent.get(run.id) ?? 0}`);
        if (run.reservedTokens !== aside) violated(`run ${run.id} says that ${run.reservedTokens} tokens are set aside, its journal ${aside}`);
      },
    };
  },
};
