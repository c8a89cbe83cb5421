import type { Pool } from "pg";

export type Renewal = "ok" | "cancelled" | "lost";

const RENEW = {
  name: "tape_renew",
  text: `
WITH clock AS MATERIALIZED (SELECT tape.now() AS now),
g AS MATERIALIZED (SELECT * FROM json_to_recordset($2::json) AS g("runId" text, epoch int)),
l AS MATERIALIZED (
  SELECT r.id, r.status FROM tape.runs r JOIN g ON g."runId" = r.id
  WHERE r.owner = $1 AND r.epoch = g.epoch ORDER BY r.id FOR UPDATE OF r
),
u AS (
  UPDATE tape.runs r SET lease_expires_at = clock.now + $3::float8 * interval '1 millisecond'
  FROM l CROSS JOIN clock WHERE r.id = l.id
)
SELECT g."runId", l.status FROM g LEFT JOIN l ON l.id = g."runId"`,
};

/** Renews the leases of one owner, all in one statement. `lost`: a newer epoch exists, or the run left its driver. */
export async function renewLeases(
  { pool }: { pool: Pool },
  input: { owner: string; runs: readonly { runId: string; epoch: number }[]; ttlMs: number },
): Promise<Map<string, Renewal>> {
  const values = [input.owner, JSON.stringify(input.runs), input.ttlMs];
  const { rows } = await pool.query<{ runId: string; status: string | null }>({ ...RENEW, values });
  return new Map(rows.map(({ runId, status }) => [runId, status === null ? "lost" : status === "CANCELLED" ? "cancelled" : "ok"]));
}
