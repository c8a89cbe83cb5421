import type { Pool } from "pg";

/** An agent that a worker has loaded. */
export interface LoadedAgent {
  app: string;
  agent: string;
  version: string | null;
}

/** The right to drive a run, as it was given. */
export interface Claim {
  runId: string;
  app: string;
  agent: string;
  owner: string;
  epoch: number;
  ttlMs: number;
  /** `walk`: its compensation, not its code. */
  taken: "runnable" | "stale" | "walk";
  /** The run's counters at the claim: see `RunCommit`. */
  seq: number;
  inbox: number;
  foreign: number;
  /** Leases lost in a row; above 0 the run is a suspect and driven alone (D25). */
  losses: number;
}

/** The columns of a claim, in the order every claiming statement returns them. */
export const CLAIM_COLUMNS = `id AS "runId", app, agent, owner, epoch, seq, inbox, foreign_outcomes AS "foreign", losses`;

/** Writes the entry of each claim: `u` holds the claimed rows, `previous` who drove before. */
export const CLAIM_ENTRIES = `
entries AS (
  INSERT INTO tape.entries (run_id, seq, kind, verb, at) SELECT u.id, u.seq, 'run', 'claimed', u.now FROM u
),
bodies AS (
  INSERT INTO tape.bodies (run_id, seq, body)
  SELECT u.id, u.seq, json_build_object('owner', u.owner, 'epoch', u.epoch, 'version', u.version, 'taken', u.taken, 'previousOwner', u.previous)::text FROM u
)`;

const CLAIM = {
  name: "tape_claim",
  text: `
WITH clock AS MATERIALIZED (SELECT tape.now() AS now),
w AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS w(app text, agent text, version text)),
c AS MATERIALIZED (
  SELECT r.id, w.version FROM w CROSS JOIN clock
  JOIN tape.runs r ON r.agent = w.agent AND r.app = w.app AND r.status = 'RUNNABLE' AND r.due_at <= clock.now
  WHERE (r.pin_version IS NULL OR r.pin_version = w.version) AND (r.losses <= 0 OR $5)
  ORDER BY r.due_at LIMIT $2 FOR UPDATE OF r SKIP LOCKED
),
u AS (
  UPDATE tape.runs r SET status = 'RUNNING', owner = $3, epoch = r.epoch + 1, recorded = 0, losses = greatest(r.losses, 0), version = c.version, waits = NULL,
    lease_expires_at = clock.now + $4::float8 * interval '1 millisecond', started_at = coalesce(r.started_at, clock.now), seq = r.seq + 1
  FROM c CROSS JOIN clock WHERE r.id = c.id
  RETURNING r.*, clock.now, 'runnable' AS taken, NULL::text AS previous
),${CLAIM_ENTRIES}
SELECT ${CLAIM_COLUMNS} FROM u`,
};

/**
 * Takes up to `limit` runs that are RUNNABLE and due, of agents this worker has loaded: claim and list are one
 * statement, and what another worker is claiming is passed over. `suspects: false` leaves runs that lost a lease.
 */
export async function claimRuns(
  { pool }: { pool: Pool },
  input: { owner: string; agents: readonly LoadedAgent[]; limit: number; ttlMs: number; suspects: boolean },
): Promise<Claim[]> {
  const { owner, agents, limit, ttlMs, suspects } = input;
  const values = [JSON.stringify(agents), limit, owner, ttlMs, suspects];
  const { rows } = await pool.query<Omit<Claim, "ttlMs" | "taken">>({ ...CLAIM, values });
  return rows.map((row) => ({ ...row, ttlMs, taken: "runnable" as const }));
}
