import type { Hint } from "@tape/core";
import type { Pool } from "pg";

const UNPARK = `
WITH u AS (
  UPDATE tape.runs SET status = 'RUNNABLE', waits = NULL, due_at = tape.now(), seq = seq + 1
  WHERE id = $1 AND status = 'WAITING' AND epoch = $2 RETURNING id, seq
),
entries AS (INSERT INTO tape.entries (run_id, seq, kind, verb, at) SELECT id, seq, 'run', 'redriven', tape.now() FROM u),
bodies AS (INSERT INTO tape.bodies (run_id, seq, body) SELECT id, seq, $3 FROM u)
SELECT id, seq FROM u`;

/**
 * The code of a parked run went on by itself (it also waited for something that is not journaled): the run is RUNNABLE
 * again. False when somebody else has already moved it.
 */
export async function unparkRun(
  { pool, hints }: { pool: Pool; hints: { publish(hints: readonly Hint[]): void } },
  input: { runId: string; epoch: number; owner: string },
): Promise<boolean> {
  const body = JSON.stringify({ by: `worker:${input.owner}`, reason: "its code went on while it was parked" });
  const { rows } = await pool.query<{ id: string; seq: number }>(UNPARK, [input.runId, input.epoch, body]);
  hints.publish(rows.map(({ id, seq }) => ({ on: "run", id, seq, wake: true })));
  return rows.length > 0;
}
