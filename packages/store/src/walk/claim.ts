import type { Hint } from "@tape/core";
import type { Pool } from "pg";
import { CLAIM_COLUMNS, type Claim } from "../driver/claim.ts";
import { LOST_ATTEMPT } from "../obligation/attempted.ts";
import { IS_OWED, WALK_ORDER } from "../obligation/row.ts";
import { deadWorkers, HELD_LOCKS, isStale, isUnanswered } from "../worker/presence.ts";

const NOW = "clock.now";

/**
 * `$1` and `$2` the loaded compensators by app and name, `$3` this worker, `$4` limit, `$5` TTL, `$6` trust session locks,
 * `$7` the walks this worker is at.
 */
const CLAIM = {
  name: "tape_claim_walks",
  text: `
WITH clock AS MATERIALIZED (SELECT tape.now() AS now),
loaded AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::text[]) AS loaded (app, compensator)),
${HELD_LOCKS},
${deadWorkers({ trustsLocks: "$6" })},
s AS MATERIALIZED (
  SELECT r.id, r.owner AS previous FROM tape.runs r CROSS JOIN clock
  LEFT JOIN LATERAL (SELECT o.kind FROM tape.obligations o WHERE o.run_id = r.id AND ${IS_OWED} AND o.reason <> 'duplicate' ORDER BY ${WALK_ORDER} LIMIT 1) next ON true
  WHERE r.status = 'COMPENSATING' AND r.settled_at IS NOT NULL AND r.open_effects = 0
    AND (r.owner IS NULL OR ${isStale({ now: NOW })} OR ${isUnanswered({ owner: "$3", driven: "$7", ttlMs: "$5", now: NOW })})
    AND ((next.kind IS NULL AND NOT EXISTS (SELECT FROM tape.obligations o WHERE o.run_id = r.id AND o.status IN ('REGISTERED', 'PENDING'))) OR EXISTS (SELECT FROM loaded WHERE loaded.app = r.app AND loaded.compensator = next.kind))
  ORDER BY r.due_at, r.id LIMIT $4 FOR UPDATE OF r SKIP LOCKED
),
u AS (
  UPDATE tape.runs r SET owner = $3, epoch = r.epoch + 1, recorded = 0, lease_expires_at = clock.now + $5::float8 * interval '1 millisecond', seq = r.seq + 1
  FROM s CROSS JOIN clock WHERE r.id = s.id
  RETURNING r.*, clock.now, s.previous
),
lost AS (
  -- Whoever held it may have died of what it had begun to undo: that was an attempt.
  UPDATE tape.obligations o SET claim = NULL,
    attempts = o.attempts + CASE WHEN u.previous IS NULL THEN 0 ELSE 1 END, last_error = CASE WHEN u.previous IS NULL THEN o.last_error ELSE '${LOST_ATTEMPT}' END
  FROM u WHERE o.run_id = u.id AND o.reason <> 'duplicate' AND o.claim IS NOT NULL
),
entries AS (
  INSERT INTO tape.entries (run_id, seq, kind, verb, at) SELECT id, seq, 'run', 'walk_claimed', now FROM u
),
bodies AS (
  INSERT INTO tape.bodies (run_id, seq, body)
  SELECT id, seq, json_build_object('owner', owner, 'epoch', epoch, 'previousOwner', previous)::text FROM u
)
SELECT ${CLAIM_COLUMNS} FROM u`,
};

/** A compensator that a worker has loaded. */
export interface LoadedCompensator {
  app: string;
  compensator: string;
}

/**
 * Takes the walks of runs that are to be compensated, settled and without an open effect: those nobody walks, those whose
 * walker died or hung, and those in this worker's name that it does not know of. Only where what is undone next can be
 * undone here, or nothing is left to undo: extra copies are undone beside the walk (D18), which ends after the last. A walk that was lost counts as an attempt of what it had begun to undo: a
 * compensator that takes its process with it each time gives up like one that fails.
 */
export async function claimWalks(
  { pool, hints }: { pool: Pool; hints: { publish(hints: readonly Hint[]): void } },
  input: {
    owner: string;
    compensators: readonly LoadedCompensator[];
    limit: number;
    ttlMs: number;
    sessionLocks: boolean;
    /** Runs that this worker walks. */
    driven: readonly string[];
  },
): Promise<Claim[]> {
  const { owner, compensators, limit, ttlMs, sessionLocks, driven } = input;
  const values = [compensators.map(({ app }) => app), compensators.map(({ compensator }) => compensator), owner, limit, ttlMs, sessionLocks, driven];
  const { rows } = await pool.query<Omit<Claim, "ttlMs" | "taken">>({ ...CLAIM, values });
  hints.publish(rows.map(({ runId, seq }) => ({ on: "run", id: runId, seq })));
  return rows.map((row) => ({ ...row, ttlMs, taken: "walk" as const }));
}
