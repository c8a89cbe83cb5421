import type { WhyWaiting } from "../../wire/run.ts";
import { sayStuck } from "../sentence/run.ts";
import { foreign } from "../text.ts";
import type { WhyFacts } from "./facts.ts";
import { sayObligation } from "./say.ts";

/** Why a run is STUCK and what a person can do about it. */
export function whyStuck({ obligations, stuckReason }: WhyFacts): WhyWaiting {
  const stuck = obligations.find((obligation) => obligation.status === "STUCK");
  if (stuckReason === null || stuckReason.code === "compensation") {
    const id = stuck?.id ?? (stuckReason === null ? null : stuckReason.obligationId);
    const what = stuck === undefined ? "" : `: ${sayObligation(stuck)}`;
    const error = stuck?.lastError ?? stuckReason?.message ?? "";
    const why = error === "" ? "" : ` (${foreign(error, 160)})`;
    return { code: "compensation_stuck", sentence: `Undoing gave up${what}${why}. Retry it, mark it done, or waive it`, ref: id };
  }
  const next =
    stuckReason.code === "poison"
      ? "Read the worker's log, then drive it again or cancel it"
      : "Deploy code that follows the journal, then drive it again, or cancel it";
  return { code: stuckReason.code, sentence: `Stuck: ${sayStuck(stuckReason)}. ${next}` };
}
