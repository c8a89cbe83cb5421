import { effectMachine, statesLeftBy } from "@tape/core";
import { appendToRun } from "../journal/append.ts";
import { hasEnded, type LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";
import type { EffectRow } from "./row.ts";
import type { Settlement } from "./settle.ts";

/** Would anybody send it? An inline effect is sent by its run's code; one of the outbox also for a run that went well (D17). */
export function canBeSent(run: LockedRun, { dispatch }: EffectRow): boolean {
  return !hasEnded(run) || (dispatch === "OUTBOX" && run.status === "COMPLETED");
}

/**
 * Puts an UNKNOWN effect back to PENDING: it did not happen, or may be sent again under its key. An inline one wakes its
 * run, whose code sends it; one of the outbox is due now. The transaction holds the run's row and the effect's.
 */
export async function retryEffect(tx: Tx, run: LockedRun, effect: EffectRow, settlement: Settlement): Promise<void> {
  const isInline = effect.dispatch === "INLINE";
  await appendToRun(tx, {
    runId: run.id,
    happenings: [{ kind: "effect", verb: "retried", payload: { effectId: effect.id, key: effect.key, ...settlement } }],
    inbox: isInline ? 1 : 0,
    ...(isInline && run.status === "WAITING" && { event: "wake" }),
  });
  await tx.query(
    `UPDATE tape.effects SET status = 'PENDING', unknown_since = NULL, next_check_at = NULL, needs_person = false, checks = 0,
       claim = NULL, claim_expires_at = NULL, in_flight_at = NULL, due_at = CASE WHEN dispatch = 'OUTBOX' THEN tape.now() END,
       attempts = attempts + CASE WHEN dispatch = 'OUTBOX' THEN 1 ELSE 0 END
     WHERE run_id = $1 AND key = $2 AND status = ANY ($3)`,
    [run.id, effect.key, statesLeftBy(effectMachine, "retry")],
  );
  if (!isInline) tx.hint({ on: "reactors" });
}
