import { foreign, toolSentence } from "../text.ts";
import type { EffectFacts, ObligationFacts } from "./facts.ts";

/** An effect by its own words, or by its tool. */
export function sayEffect({ summary, tool }: Pick<EffectFacts, "summary" | "tool">): string {
  return summary === null || summary === "" ? foreign(tool, 60) : toolSentence(summary);
}

/** An obligation by its own words, or by its compensator. */
export function sayObligation({ kind, summary }: Pick<ObligationFacts, "summary" | "kind">): string {
  return summary === null || summary === "" ? foreign(kind, 60) : toolSentence(summary);
}
