import { hasEnded } from "../run/lock.ts";
import { appendToRun } from "../journal/append.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { lockClaimed, type ClaimedRow, type TimerReport } from "./lock-claimed.ts";
import { settleTimers, told, voided } from "./settle.ts";

/** The first one included. */
export const MOST_ATTEMPTS = 5;
/** After the first failure; twice as long after each (ms). */
const FIRST_RETRY_MS = 1_000;
/** So much of an error is kept (characters). */
const MOST_TEXT = 2_000;

/**
 * Says of a claimed timer that its handler threw. It is handed out again after 1 s, 2 s, 4 s and 8 s; after the fifth
 * failure it is FIRED with this as its `lastError`, and its run is not moved.
 *
 * @param error What was thrown, as text; never refused, cut at 2,000 characters.
 * @returns `retryInMs` null: it is not tried again, because it has given up, or the report came too late (see
 *   {@link timersHandled}).
 */
export async function timerFailed(store: Store, { error, ...report }: TimerReport & { error: string }): Promise<{ retryInMs: number | null }> {
  const lastError = error.replaceAll("\0", "").replaceAll(/\p{Surrogate}/gu, "�").slice(0, MOST_TEXT);
  return await inTransaction(store, async (tx) => {
    const { runs, timers: [timer] } = await lockClaimed(tx, [report]);
    if (!timer) return { retryInMs: null };
    const isEnded = hasEnded(runs.get(timer.runId)!);
    if (!isEnded && timer.attempts + 1 < MOST_ATTEMPTS) return { retryInMs: await retry(tx, timer, lastError) };
    const gaveUp = { timer, to: "FIRED" as const, happenings: [told(timer, "fired", { lastError })], ends: () => false, lastError };
    await settleTimers(tx, [isEnded ? voided(timer) : gaveUp], runs);
    return { retryInMs: null };
  });
}

async function retry(tx: Tx, { runId, id, kind, attempts }: ClaimedRow, error: string): Promise<number> {
  const retryInMs = FIRST_RETRY_MS * 2 ** attempts;
  const { rows } = await tx.query<{ attempt: number; at: Date }>(
    `UPDATE tape.timers SET attempts = attempts + 1, last_error = $3, claim = NULL, claim_expires_at = tape.now() + $4 * interval '1 ms'
     WHERE run_id = $1 AND id = $2 AND status = 'ARMED' RETURNING attempts AS attempt, claim_expires_at AS at`,
    [runId, id, error, retryInMs],
  );
  const { attempt, at } = rows[0]!;
  await appendToRun(tx, { runId, happenings: [{ kind: "timer", verb: "attempt_failed", payload: { timerId: id, kind, attempt, error, nextAttemptAt: at.toISOString() } }] });
  tx.hint({ on: "timer", at: at.getTime() });
  return retryInMs;
}
