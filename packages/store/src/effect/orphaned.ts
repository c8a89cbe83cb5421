import { read } from "../read.ts";
import type { Store } from "../store.ts";

/** Inline effects that are PENDING in a cancelled run whose driver is gone (D14): nobody will say how they ended. */
export async function orphanedEffects(store: Store, { limit }: { limit: number }): Promise<{ effectId: string; runId: string; tool: string }[]> {
  return await read(
    store,
    `SELECT e.id AS "effectId", e.run_id AS "runId", e.tool FROM tape.runs r JOIN tape.effects e ON e.run_id = r.id
     WHERE r.status = 'CANCELLED' AND r.settled_at IS NULL AND (r.owner IS NULL OR r.lease_expires_at <= tape.now())
       AND e.status = 'PENDING' AND e.dispatch = 'INLINE' ORDER BY r.cancelled_at, e.id LIMIT $1`,
    [limit],
  );
}
