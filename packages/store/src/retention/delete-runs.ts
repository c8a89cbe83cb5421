import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";
import { lockOldRuns, type OldRuns, type RetentionBatch } from "./old-runs.ts";

export interface DeleteRuns extends OldRuns {
  /** A run with something to undo stays for so long after its end at least (ms); null: for as long as there is something to undo. */
  compensableForMs: number | null;
}

/** The tables that are keyed by the run. */
const OF_RUN = ["bodies", "entries", "effects", "gates", "timers", "obligations"] as const;

/**
 * Deletes runs that ended so long ago, with everything of theirs and the values of their namespace, `runs/<id>`. Their
 * invocations and business keys stay, so that nothing is done twice, and so does the audit log. Any number of workers may
 * call it at once.
 */
export async function deleteRuns(store: Store, { compensableForMs, ...which }: DeleteRuns): Promise<RetentionBatch> {
  return await inTransaction(store, async (tx) => {
    const { ids, next } = await lockOldRuns(tx, which, { list: "true", keepsWhatIsOwedMs: compensableForMs });
    if (ids.length === 0) return { runs: [], next };
    for (const table of OF_RUN) await tx.query(`DELETE FROM tape.${table} WHERE run_id = ANY ($1)`, [ids]);
    const namespaces = ids.map((id) => `runs/${id}`);
    for (const table of ["value_history", `"values"`]) await tx.query(`DELETE FROM tape.${table} WHERE namespace = ANY ($1)`, [namespaces]);
    await tx.query("DELETE FROM tape.runs WHERE id = ANY ($1)", [ids]);
    return { runs: ids, next };
  });
}
