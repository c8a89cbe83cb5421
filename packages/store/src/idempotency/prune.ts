import { read } from "../read.ts";
import type { Store } from "../store.ts";

/** How long the answer to a request that may be sent again is kept (ms). */
const KEPT_MS = 7 * 86_400_000;

/** Forgets the keys of requests that are older than a week, at most `limit`. @returns Whether there may be more. */
export async function pruneIdempotencyKeys(store: Store, { limit = 1_000 }: { limit?: number } = {}): Promise<{ pruned: number; more: boolean }> {
  const rows = await read(
    store,
    `DELETE FROM tape.idempotency_keys WHERE (scope, key) IN (
       SELECT scope, key FROM tape.idempotency_keys WHERE created_at < tape.now() - $1 * interval '1 ms' ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING key`,
    [KEPT_MS, limit],
  );
  return { pruned: rows.length, more: rows.length === limit };
}
