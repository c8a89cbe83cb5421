import type { RunStatus } from "@tape/core";
import { instantKey } from "../cursor.ts";
import type { Tx } from "../transaction.ts";

/** How a run may have ended for good. */
export type OldStatus = Extract<RunStatus, "COMPLETED" | "FAILED" | "CANCELLED" | "COMPENSATED">;

/** Where a pass through the list of ended runs has got to. */
export interface RetentionPosition {
  endedAt: string;
  id: string;
}

export interface OldRuns {
  status: OldStatus;
  /** Since the last entry (ms). */
  afterMs: number;
  /** Of the batch before; null for the longest ended. */
  from?: RetentionPosition | null;
  /** Runs looked at by one transaction. Default 500. */
  limit?: number;
}

export interface RetentionBatch {
  /** What was done to these. */
  runs: string[];
  /** Where to go on; null at the end of the list. What could not be taken now is met again by the next time through. */
  next: RetentionPosition | null;
}

/** A transaction takes no more entries than this, unless its first run alone has more. */
const MOST_ENTRIES = 20_000;

/**
 * Locks runs of a batch that ended long enough ago and of which nothing is open: no driver, no effect PENDING or UNKNOWN, no
 * obligation armed or STUCK, no live parent, and nothing that a sink has yet to pass. A run that somebody holds is left out.
 *
 * Costs by the size of the batch, whatever there is: the list is an index's, and those left out are passed over.
 *
 * @param list The index it goes through.
 * @param keepsWhatIsOwedMs While something of the run could still be undone, it is kept for so long after its end; null for ever, undefined: that is no matter.
 */
export async function lockOldRuns(
  tx: Tx,
  { status, afterMs, from = null, limit = 500 }: OldRuns,
  { list, keepsWhatIsOwedMs }: { list: "true" | "r.thinned_as IS DISTINCT FROM r.status"; keepsWhatIsOwedMs?: number | null },
): Promise<{ ids: string[]; next: RetentionPosition | null }> {
  // The status is written out, so that the partial indexes are seen to fit.
  const { rows: listed } = await tx.query<RetentionPosition & { before: string }>(
    `SELECT id, "endedAt", sum(seq) OVER (ORDER BY place) - seq AS before FROM (
       SELECT r.id, r.seq, ${instantKey("r.ended_at")} AS "endedAt", row_number() OVER (ORDER BY r.ended_at, r.id) AS place FROM tape.runs r
       WHERE r.status = '${status}' AND ${list} AND r.ended_at <= tape.now() - $1 * interval '1 ms' AND (r.ended_at, r.id) > ($2::timestamptz, $3)
       ORDER BY r.ended_at, r.id LIMIT $4
     ) listed ORDER BY place`,
    [afterMs, from?.endedAt ?? "-infinity", from?.id ?? "", limit],
  );
  const batch = listed.filter(({ before }) => Number(before) < MOST_ENTRIES);
  const last = batch.at(-1);
  const next = last && (batch.length < listed.length || listed.length === limit) ? { endedAt: last.endedAt, id: last.id } : null;
  if (batch.length === 0) return { ids: [], next };
  const { rows: locked } = await tx.query<{ id: string }>(
    `SELECT r.id FROM tape.runs r WHERE r.id = ANY ($1) AND r.status = '${status}' AND ${list}
       AND r.settled_at IS NOT NULL AND r.owner IS NULL AND r.open_effects = 0 AND r.armed = 0
     ORDER BY r.id FOR UPDATE SKIP LOCKED`,
    [batch.map(({ id }) => id)],
  );
  // A statement of its own: what is read of other tables is read after the lock.
  const { rows: free } = await tx.query<{ id: string }>(
    `SELECT r.id FROM tape.runs r JOIN tape.entries last ON last.run_id = r.id AND last.seq = r.seq
     WHERE r.id = ANY ($1) AND last.at <= tape.now() - $2 * interval '1 ms'
       AND NOT EXISTS (SELECT FROM tape.sinks s WHERE s.stopped_at IS NULL AND s.passed <= last.tx)
       AND NOT EXISTS (SELECT FROM tape.effects e WHERE e.run_id = r.id AND e.status IN ('PENDING', 'UNKNOWN'))
       AND NOT EXISTS (SELECT FROM tape.obligations o WHERE o.run_id = r.id AND o.status IN ('PENDING', 'STUCK'))
       AND NOT EXISTS (SELECT FROM tape.runs parent WHERE parent.id = r.parent_run_id AND parent.ended_at IS NULL)
       AND ($3 OR r.ended_at <= tape.now() - $4::float8 * interval '1 ms'
         OR NOT EXISTS (SELECT FROM tape.obligations o WHERE o.run_id = r.id AND o.status = 'REGISTERED'))
     ORDER BY r.id`,
    [locked.map(({ id }) => id), afterMs, keepsWhatIsOwedMs === undefined, keepsWhatIsOwedMs ?? null],
  );
  return { ids: free.map(({ id }) => id), next };
}
