import type { Entry } from "../../entry/index.ts";
import { decisionSentence } from "./decision.ts";
import { effectSentence } from "./effect.ts";
import { gateSentence } from "./gate.ts";
import { obligationSentence } from "./obligation.ts";
import { budgetSentence, signalSentence, timerSentence, valueSentence } from "./rest.ts";
import { runSentence } from "./run.ts";

/**
 * One journal entry as a sentence, plain text. Foreign strings in it are one line, clipped and safe to place; nothing
 * is HTML. A new kind or verb does not compile until it has a sentence.
 */
export function sentenceFor(entry: Entry): string {
  switch (entry.kind) {
    case "run":
      return runSentence(entry);
    case "decision":
      return decisionSentence(entry);
    case "effect":
      return effectSentence(entry);
    case "obligation":
      return obligationSentence(entry);
    case "gate":
      return gateSentence(entry);
    case "signal":
      return signalSentence(entry);
    case "timer":
      return timerSentence(entry);
    case "value":
      return valueSentence(entry);
    case "budget":
      return budgetSentence(entry);
  }
}

export { sayTimer } from "./rest.ts";
