import { effectMachine, statesLeftBy, type RecordedError } from "@tape/core";
import { appendToRun } from "../journal/append.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";
import type { EffectRow } from "./row.ts";

/** Says of a PENDING effect that it may have happened: it is asked after at once, or waits for a person. */
export async function loseEffect(
  tx: Tx,
  run: LockedRun,
  effect: EffectRow,
  { reason, error, checkable }: { reason: string; error?: RecordedError; checkable: boolean },
): Promise<void> {
  await appendToRun(tx, { runId: run.id, happenings: [{ kind: "effect", verb: "unknown", payload: { effectId: effect.id, key: effect.key, reason, ...(error && { error }) } }] });
  await tx.query(
    `UPDATE tape.effects SET status = 'UNKNOWN', unknown_since = tape.now(), checks = 0, needs_person = NOT $3, next_check_at = CASE WHEN $3 THEN tape.now() END,
       due_at = NULL, claim = NULL, claim_expires_at = NULL, in_flight_at = NULL
     WHERE run_id = $1 AND key = $2 AND status = ANY ($4)`,
    [run.id, effect.key, checkable, statesLeftBy(effectMachine, "lose")],
  );
  tx.hint({ on: "reactors" });
}
