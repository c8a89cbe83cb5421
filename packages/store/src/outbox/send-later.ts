import type { RecordedError } from "@tape/core";
import { backoffMs } from "../effect/postpone.ts";
import type { EffectRow } from "../effect/row.ts";
import { appendToRun } from "../journal/append.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";

const MOST_MS = 86_400_000;

/** After so many sendings that failed, two minutes by back-off, a person is told. It is tried on all the same. */
const PATIENCE = 8;

/**
 * Leaves an effect PENDING, due again: after 1 s the first time, twice as long after each, at most 5 min, or when the
 * counterparty says so, within a day.
 */
export async function sendLater(tx: Tx, run: LockedRun, effect: EffectRow, { error, afterMs }: { error: RecordedError; afterMs?: number }): Promise<void> {
  const retryInMs = afterMs === undefined || !(afterMs >= 0) ? backoffMs(effect.attempts) : Math.min(afterMs, MOST_MS);
  await tx.query(
    `UPDATE tape.effects SET attempts = attempts + 1, due_at = tape.now() + $3 * interval '1 ms', claim = NULL, claim_expires_at = NULL, in_flight_at = NULL,
       needs_person = needs_person OR attempts >= $4
     WHERE run_id = $1 AND key = $2 AND status = 'PENDING'`,
    [run.id, effect.key, retryInMs, PATIENCE],
  );
  await appendToRun(tx, {
    runId: run.id,
    happenings: [{ kind: "effect", verb: "attempt_failed", payload: { effectId: effect.id, key: effect.key, attempt: effect.attempts, error, retryInMs } }],
  });
}
