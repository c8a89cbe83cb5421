import { obligationMachine, statesLeftBy, type Happening, type RecordedError } from "@tape/core";
import { plain } from "../driver/commit/plain.ts";
import { appendToRun } from "../journal/append.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";
import type { LockedObligation } from "./lock.ts";

/** A person's retry gives as many again. */
export const MOST_ATTEMPTS = 5;
/** What is kept of an attempt whose worker never said how it ended. */
export const LOST_ATTEMPT = "its worker was lost while it undid this";
const MOST_MS = 60_000;
/** A longer message stands in the journal alone. */
const MOST_CHARACTERS = 2_000;

/** An obligation was undone: row, entry and counter. The transaction holds the run's row and the obligation's. */
export async function settleReversal(
  tx: Tx,
  run: LockedRun,
  { id, effectId }: LockedObligation,
  { attempt, by, result, durationMs }: { attempt: number; by: string; result?: unknown; durationMs?: number },
): Promise<void> {
  await tx.query(
    `UPDATE tape.obligations SET status = 'COMPENSATED', attempts = $3, next_attempt_at = NULL, claim = NULL, claim_expires_at = NULL, settled_at = tape.now() WHERE run_id = $1 AND id = $2 AND status = ANY ($4)`,
    [run.id, id, attempt, statesLeftBy(obligationMachine, "compensated")],
  );
  const payload = { obligationId: id, effectId, by, ...(result !== undefined && { result }), ...(durationMs !== undefined && { durationMs }) };
  await appendToRun(tx, { runId: run.id, happenings: [{ kind: "obligation", verb: "compensated", payload }], armed: -1 });
}

/** An attempt failed and another follows: after 1 s, twice as long after each, at most 60 s. Answers when (ms). */
export async function postponeReversal(tx: Tx, run: LockedRun, { id, effectId }: LockedObligation, { attempt, error }: { attempt: number; error: RecordedError }): Promise<number> {
  const inMs = Math.min(1_000 * 2 ** ((attempt % MOST_ATTEMPTS) - 1), MOST_MS);
  const { rows } = await tx.query<{ nextAttemptAt: string }>(
    `UPDATE tape.obligations SET attempts = $3, last_error = $4, next_attempt_at = tape.now() + $5 * interval '1 ms', claim = NULL, claim_expires_at = NULL
     WHERE run_id = $1 AND id = $2 AND status = 'PENDING' RETURNING tape.iso(next_attempt_at) AS "nextAttemptAt"`,
    [run.id, id, attempt, messageOf(error), inMs],
  );
  const happening: Happening = { kind: "obligation", verb: "attempt_failed", payload: { obligationId: id, effectId, attempt, error, nextAttemptAt: rows[0]!.nextAttemptAt } };
  await appendToRun(tx, { runId: run.id, happenings: [happening] });
  return inMs;
}

/** The last attempt failed: the obligation is STUCK. Its entry, and the counter, are the caller's to append. */
export async function stopReversal(
  tx: Tx,
  run: LockedRun,
  { id, effectId }: LockedObligation,
  { attempt, error }: { attempt: number; error: RecordedError },
): Promise<{ happening: Happening; message: string }> {
  await tx.query(
    "UPDATE tape.obligations SET status = 'STUCK', attempts = $3, last_error = $4, next_attempt_at = NULL, claim = NULL, claim_expires_at = NULL WHERE run_id = $1 AND id = $2 AND status = ANY ($5)",
    [run.id, id, attempt, messageOf(error), statesLeftBy(obligationMachine, "give_up")],
  );
  return { happening: { kind: "obligation", verb: "stuck", payload: { obligationId: id, effectId, error } }, message: messageOf(error) };
}

function messageOf({ message }: RecordedError): string {
  return plain(message.slice(0, MOST_CHARACTERS));
}
