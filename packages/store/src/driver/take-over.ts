import type { Hint } from "@tape/core";
import type { Pool } from "pg";
import { deadWorkers, HELD_LOCKS, isStale, isUnanswered } from "../worker/presence.ts";
import { CLAIM_COLUMNS, CLAIM_ENTRIES, type Claim, type LoadedAgent } from "./claim.ts";

const NOW = "clock.now";

/**
 * Runs whose lease is stale: it expired; or its owner's session is gone and it has not said that it is alive for 1.5 s;
 * or it has been silent for 10 s; or it is this worker's own and no drive of it is known here.
 *
 * Counted is a drive that brought nothing: no decision, no outcome, no delivery. Of the runs that one dead worker held,
 * only the suspect is counted, if it had one (D25).
 *
 * `$1` loaded agents, `$2` limit, `$3` poisoned from this many losses, `$4` trust session locks, `$5` this worker, `$6`
 * TTL, `$7` runs it drives, `$8` take suspects too.
 */
const STALE = `
WITH clock AS MATERIALIZED (SELECT tape.now() AS now),
w AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS w(app text, agent text, version text)),
${HELD_LOCKS},
${deadWorkers({ trustsLocks: "$4" })},
suspected AS MATERIALIZED (SELECT DISTINCT r.owner FROM tape.runs r WHERE r.owner IS NOT NULL AND r.status = 'RUNNING' AND r.losses > 0),
s AS MATERIALIZED (
  SELECT r.id, w.version, r.owner AS previous,
    CASE WHEN r.losses < 0 THEN 0
         WHEN r.losses > 0 OR r.owner NOT IN (SELECT owner FROM suspected) THEN r.losses + 1
         ELSE r.losses END AS losses
  FROM tape.runs r JOIN w ON w.app = r.app AND w.agent = r.agent CROSS JOIN clock
  WHERE r.owner IS NOT NULL AND r.status = 'RUNNING'
    AND (${isStale({ now: NOW })} OR ${isUnanswered({ owner: "$5", driven: "$7", ttlMs: "$6", now: NOW })})
    AND (r.pin_version IS NULL OR r.pin_version = w.version)
    AND ($8 OR r.losses < 0)
  ORDER BY r.losses, r.id LIMIT $2 FOR UPDATE OF r SKIP LOCKED
)`;

const TAKE = {
  name: "tape_take_over",
  text: `${STALE},
u AS (
  UPDATE tape.runs r SET owner = $5, epoch = r.epoch + 1, recorded = 0, version = s.version, losses = s.losses,
    lease_expires_at = clock.now + $6::float8 * interval '1 millisecond', seq = r.seq + 1
  FROM s CROSS JOIN clock WHERE r.id = s.id AND s.losses < $3
  RETURNING r.*, clock.now, 'stale' AS taken, s.previous
),
poisoned AS (
  UPDATE tape.runs r SET status = 'STUCK', owner = NULL, lease_expires_at = NULL, epoch = r.epoch + 1, losses = s.losses, seq = r.seq + 1,
    stuck = json_build_object('code', 'poison', 'redrives', s.losses,
      'message', 'its driver was lost ' || s.losses || ' times in a row without a new entry')::text
  FROM s CROSS JOIN clock WHERE r.id = s.id AND s.losses >= $3
  RETURNING r.id, r.seq, r.stuck, clock.now
),${CLAIM_ENTRIES},
poison_entries AS (
  INSERT INTO tape.entries (run_id, seq, kind, verb, at) SELECT id, seq, 'run', 'stuck', now FROM poisoned
),
poison_bodies AS (
  INSERT INTO tape.bodies (run_id, seq, body) SELECT id, seq, json_build_object('reason', stuck::json)::text FROM poisoned
)
SELECT ${CLAIM_COLUMNS}, true AS claimed FROM u
UNION ALL
SELECT id, '', '', '', 0, seq, 0, 0, 0, false FROM poisoned`,
};

/**
 * Takes runs from drivers that died or hung, of agents this worker has loaded. A run that lost its driver `maxRedrives`
 * times in a row without getting on is STUCK instead; its id comes back in `stuck`.
 */
export async function takeOverRuns(
  { pool, hints }: { pool: Pool; hints: { publish(hints: readonly Hint[]): void } },
  input: {
    owner: string;
    agents: readonly LoadedAgent[];
    limit: number;
    ttlMs: number;
    maxRedrives: number;
    sessionLocks: boolean;
    /** Runs this worker drives: what else is in its name is a claim whose answer was lost. */
    driven: readonly string[];
    /** Also runs whose drive had brought nothing when it was lost. */
    suspects: boolean;
  },
): Promise<{ claims: Claim[]; stuck: string[] }> {
  const { owner, agents, limit, ttlMs, maxRedrives, sessionLocks, driven, suspects } = input;
  const values = [JSON.stringify(agents), limit, maxRedrives, sessionLocks, owner, ttlMs, driven, suspects];
  const { rows } = await pool.query<Omit<Claim, "ttlMs" | "taken"> & { claimed: boolean }>({ ...TAKE, values });
  hints.publish(rows.map((row) => ({ on: "run", id: row.runId, seq: row.seq })));
  return {
    claims: rows.filter((row) => row.claimed).map(({ claimed: _, ...row }) => ({ ...row, ttlMs, taken: "stale" as const })),
    stuck: rows.filter((row) => !row.claimed).map((row) => row.runId),
  };
}
