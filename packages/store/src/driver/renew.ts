import type { Pool } from "pg";

export type Renewal = "ok" | "cancelled" | "lost";

const RENEW = {
  name: "tape_renew",
  text: `
WITH clock AS MATERIALIZED (SELECT tape.now() AS now),
g AS MATERIALIZED (SELECT * FROM json_to_recordset($2::json) AS g("runId" text, epoch int)),
l AS MATERIALIZED (
  SELECT r.id, r.status = 'CANCELLED' OR (r.status = 'COMPENSATING' AND r.settled_at IS NULL) AS cancelled FROM tape.runs r JOIN g ON g."runId" = r.id
  WHERE r.owner = $1 AND r.epoch = g.epoch ORDER BY r.id FOR UPDATE OF r
),
u AS (
  UPDATE tape.runs r SET lease_expires_at = clock.now + $3::float8 * interval '1 millisecond'
  FROM l CROSS JOIN clock WHERE r.id = l.id
)
SELECT g."runId", l.cancelled FROM g LEFT JOIN l ON l.id = g."runId"`,
};

/** Renews the leases of one owner, all in one statement. `cancelled`: it is held until its driver has left. `lost`: a newer epoch exists, or the run left its driver. */
export async function renewLeases(
  { pool }: { pool: Pool },
  input: { owner: string; runs: readonly { runId: string; epoch: number }[]; ttlMs: number },
): Promise<Map<string, Renewal>> {
  const values = [input.owner, JSON.stringify(input.runs), input.ttlMs];
  const { rows } = await pool.query<{ runId: string; cancelled: boolean | null }>({ ...RENEW, values });
  return new Map(rows.map(({ runId, cancelled }) => [runId, cancelled === null ? "lost" : cancelled ? "cancelled" : "ok"]));
}
