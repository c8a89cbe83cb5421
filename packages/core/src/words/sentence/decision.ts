import type { EntryOf } from "../../entry/index.ts";
import type { Usage } from "../../entry/decision.ts";
import { formatMicroUsd } from "../money.ts";
import { count, foreign, toolSentence } from "../text.ts";
import { sayError } from "./error.ts";

/** Every verb of `decision.*` as a sentence. */
export function decisionSentence(entry: EntryOf<"decision">): string {
  switch (entry.verb) {
    case "asked": {
      const { attempt, model, name } = entry.payload;
      const asked = `Asked ${foreign(model, 60)} to decide ${foreign(name, 60)}`;
      return attempt > 1 ? `${asked} again, because an answer was lost` : asked;
    }
    case "answered": {
      const { notStorable, rationale } = entry.payload;
      if (notStorable !== undefined) return `Answered, but the answer could not be stored: ${foreign(notStorable, 120)}`;
      return rationale ? `Decided: ${toolSentence(rationale)}` : "Decided";
    }
    case "failed":
      return `The model call failed: ${sayError(entry.payload.error)}`;
  }
}

/** `1,250 tokens, 0.0042 USD`. */
export function sayUsage(usage: Usage): string {
  const tokens = count(usage.inputTokens + usage.outputTokens, "token");
  return usage.costMicroUsd === undefined ? tokens : `${tokens}, ${formatMicroUsd(usage.costMicroUsd)}`;
}
