import { TapeError } from "@tape/core";
import { serializeBody } from "../body.ts";
import type { Outcome } from "./settle.ts";

/** A confirmation as it can be kept: an outcome is never refused for its content (D20). */
export function storableOutcome(outcome: Extract<Outcome, { status: "confirmed" }>): Extract<Outcome, { status: "confirmed" }> {
  try {
    serializeBody(outcome.result, "the result");
    return outcome;
  } catch (error) {
    if (!(error instanceof TapeError)) throw error;
    return { ...outcome, result: null, notStorable: error.message };
  }
}
