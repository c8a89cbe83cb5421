import { TapeError } from "@tape/core";
import type * as store from "@tape/store";
import { keyOf } from "../model.ts";
import { MOST_ATTEMPTS, postponeReversal, settleReversal, stopReversal } from "../obligation/attempted.ts";
import { dueInMs } from "../obligation/row.ts";
import type { VerbOf } from "../verb.ts";
import { giveUp } from "./give-up.ts";
import { lockWalk } from "./lock.ts";

/**
 * What came of one attempt to undo: it is done; or it is tried again by back-off, and after five the obligation and its
 * run are STUCK. A report under a lease that is gone changes nothing, and the same report twice is one.
 */
export const recordReversal: VerbOf<typeof store.recordReversal> = (model, { obligationId, attempt, outcome, ...walk }) => {
  const { run, lost } = lockWalk(model, walk);
  const obligation = model.obligations.get(keyOf(run.id, obligationId));
  if (!obligation) throw new TapeError("not_found", `There is no obligation ${obligationId}.`);
  if (lost) return run.epoch === walk.epoch && obligation.status === "STUCK" ? { to: "stuck" } : lost;
  if (obligation.status !== "PENDING" || obligation.attempts >= attempt) {
    const inMs = dueInMs(model, obligation);
    return obligation.status === "PENDING" && inMs > 0 ? { to: "wait", inMs } : { to: "on" };
  }
  if (outcome.status === "compensated") {
    settleReversal(model, run, obligation, { ...outcome, attempt, by: `worker:${run.owner}` });
    return { to: "on" };
  }
  const { error, isFinal = false } = outcome;
  if (!isFinal && attempt % MOST_ATTEMPTS !== 0) return { to: "wait", inMs: postponeReversal(model, run, obligation, { attempt, error }) };
  const { happening, message } = stopReversal(model, obligation, { attempt, error });
  giveUp(model, run, { obligationId, message, before: [happening], armed: -1 });
  return { to: "stuck" };
};
