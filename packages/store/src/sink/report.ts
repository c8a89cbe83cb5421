import { plain } from "../driver/commit/plain.ts";
import { decodeFeedCursor } from "../feed/cursor.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";

interface OfClaim {
  id: string;
  claim: string;
}

/** Before the second attempt; twice as long each time, up to the last (ms). */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 300_000;
const MOST_WORDS = 2_000;

/** What comes before `cursor` was delivered. False: the claim was lost, and another worker delivers from where it stands. */
export async function sinkPassed(store: Store, { id, claim, cursor }: OfClaim & { cursor: string }): Promise<boolean> {
  const rows = await read(
    store,
    `UPDATE tape.sinks SET cursor = $3, passed = $4::xid8, attempts = 0, last_error = NULL, next_attempt_at = NULL, updated_at = tape.now()
     WHERE id = $1 AND claim = $2 AND stopped_at IS NULL RETURNING id`,
    [id, claim, cursor, decodeFeedCursor(cursor).from],
  );
  return rows.length > 0;
}

/**
 * The next delivery failed: it is tried again after 1 s, then after twice as long each time, up to 5 min, for ever. Null:
 * the claim was lost.
 */
export async function sinkFailed(store: Store, { id, claim, error }: OfClaim & { error: string }): Promise<{ retryInMs: number; attempts: number } | null> {
  const [row] = await read<{ retryInMs: number; attempts: number }>(
    store,
    `UPDATE tape.sinks SET attempts = attempts + 1, last_error = $3, updated_at = tape.now(),
       next_attempt_at = tape.now() + least(${LAST_RETRY_MS}, ${FIRST_RETRY_MS} * 2 ^ least(attempts, 20)) * interval '1 ms'
     WHERE id = $1 AND claim = $2 AND stopped_at IS NULL
     RETURNING attempts, extract(epoch FROM next_attempt_at - tape.now())::float8 * 1000 AS "retryInMs"`,
    [id, claim, plain(error.slice(0, MOST_WORDS))],
  );
  return row ?? null;
}

/** The receiver wants no more: nothing is delivered to this sink again, and it holds nothing back. */
export async function stopSink(store: Store, { id, claim, reason }: OfClaim & { reason: string }): Promise<void> {
  await read(
    store,
    "UPDATE tape.sinks SET stopped_at = tape.now(), last_error = $3, claim = NULL, claim_expires_at = NULL, updated_at = tape.now() WHERE id = $1 AND claim = $2 AND stopped_at IS NULL",
    [id, claim, plain(reason.slice(0, MOST_WORDS))],
  );
}

/** A worker that stops lets the next one have it at once. */
export async function releaseSink(store: Store, { id, claim }: OfClaim): Promise<void> {
  await read(store, "UPDATE tape.sinks SET claim = NULL, claim_expires_at = NULL WHERE id = $1 AND claim = $2", [id, claim]);
}
