import { TapeError } from "@tape/core";
import { serializeBody } from "@tape/store";
import type { Outcome } from "./settle.ts";

type Confirmed = Extract<Outcome, { status: "confirmed" }>;

/** A confirmation as it can be kept: an outcome is never refused for its content (D20). */
export function storableOutcome(outcome: Confirmed): Confirmed {
  try {
    serializeBody(outcome.result, "the result");
    return outcome;
  } catch (error) {
    if (!(error instanceof TapeError)) throw error;
    return { ...outcome, result: null, notStorable: error.message };
  }
}
