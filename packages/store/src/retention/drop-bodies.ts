import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";
import { lockOldRuns, type OldRuns, type RetentionBatch } from "./old-runs.ts";

/**
 * Drops the payloads of entries of runs that ended so long ago; the envelopes stay, and readers say `dropped`. What can be
 * undone keeps what its compensator needs. Any number of workers may call it at once.
 */
export async function dropBodies(store: Store, which: OldRuns): Promise<RetentionBatch> {
  return await inTransaction(store, async (tx) => {
    const { ids, next } = await lockOldRuns(tx, which, { list: "r.thinned_as IS DISTINCT FROM r.status" });
    if (ids.length === 0) return { runs: [], next };
    await tx.query("DELETE FROM tape.bodies WHERE run_id = ANY ($1)", [ids]);
    await tx.query("UPDATE tape.runs SET thinned_as = status WHERE id = ANY ($1)", [ids]);
    return { runs: ids, next };
  });
}
