import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";
import { deadWorkers, HELD_LOCKS, isStale } from "../worker/presence.ts";
import { LOCKED_COLUMNS, type LockedRun } from "./lock.ts";
import { settleRuns } from "./settle.ts";

const ABANDONED = {
  name: "tape_abandoned_runs",
  text: `
WITH ${HELD_LOCKS},
${deadWorkers({ trustsLocks: "$2" })}
SELECT ${LOCKED_COLUMNS} FROM tape.runs r
WHERE r.id IN (SELECT id FROM tape.runs WHERE status = 'CANCELLED' AND settled_at IS NULL
               UNION ALL SELECT id FROM tape.runs WHERE status = 'COMPENSATING' AND settled_at IS NULL)
  AND r.status IN ('CANCELLED', 'COMPENSATING') AND r.settled_at IS NULL AND (r.owner IS NULL OR ${isStale()})
ORDER BY r.id LIMIT $1 FOR UPDATE OF r SKIP LOCKED`,
};

/**
 * Settles cancelled runs whose driver died before it left (D14): its lease ran out, or it is dead by the words of the
 * take-over. It is fenced, and what it had begun is UNKNOWN. Any number of workers may call it at once.
 *
 * @param sessionLocks May the locks of sessions be trusted here?
 * @returns The runs, and whether there may be more right now.
 */
export async function settleAbandonedRuns(store: Store, { limit, sessionLocks }: { limit: number; sessionLocks: boolean }): Promise<{ settled: string[]; more: boolean }> {
  return await inTransaction(store, async (tx) => {
    const { rows: runs } = await tx.query<LockedRun>({ ...ABANDONED, values: [limit, sessionLocks] });
    await settleRuns(
      tx,
      runs.map((run) => ({
        run,
        settlement: { by: "reconciler" as const },
        after: [{ kind: "run" as const, verb: "settled" as const, payload: { by: "recovery" } }],
        lease: "taken" as const,
      })),
    );
    return { settled: runs.map(({ id }) => id), more: runs.length === limit };
  });
}
