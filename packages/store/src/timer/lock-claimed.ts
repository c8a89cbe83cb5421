import { lockFreeRuns, type LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";

/** What a worker reports on: the timer, under the claim it was taken with. */
export interface TimerReport {
  runId: string;
  id: string;
  claim: string;
}

export interface ClaimedRow extends TimerReport {
  kind: string;
  payload: string | null;
  attempts: number;
}

/**
 * Locks the runs of the reports in the order of their ids, then those timers that are still armed under the claim they
 * are reported with: neither taken by another, nor set again, nor cancelled meanwhile.
 */
export async function lockClaimed(tx: Tx, reports: readonly TimerReport[]): Promise<{ runs: Map<string, LockedRun>; timers: ClaimedRow[] }> {
  const runIds = [...new Set(reports.map(({ runId }) => runId))];
  await tx.query("SELECT FROM tape.runs WHERE id = ANY ($1) ORDER BY id FOR UPDATE", [runIds]);
  const runs = await lockFreeRuns(tx, runIds);
  const { rows } = await tx.query<ClaimedRow>(
    `SELECT t.run_id AS "runId", t.id, t.claim, t.kind, t.payload, t.attempts FROM tape.timers t
     WHERE (t.run_id, t.id, t.claim) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[])) AND t.status = 'ARMED'
     ORDER BY t.fire_at, t.run_id, t.id FOR UPDATE`,
    [reports.map(({ runId }) => runId), reports.map(({ id }) => id), reports.map(({ claim }) => claim)],
  );
  return { runs, timers: rows };
}
