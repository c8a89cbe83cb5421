import type { WorkerCan } from "./register.ts";

/** No beat for this long and a worker is dead, whatever its session says (D26) (ms). */
const SILENT_MS = 10_000;
/** No beat for this long, and its session's lock is free (ms). */
const SESSION_GONE_MS = 1_500;

/** A CTE of the session locks that are held in this database: `held (key)`. */
export const HELD_LOCKS = `
  held AS MATERIALIZED (
    SELECT (classid::bigint << 32) | objid::bigint AS key FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  )`;

interface Liveness {
  /** SQL: the database's clock, where a statement has read it before. */
  now?: string;
  /** SQL: may session locks be trusted here? A session that its pooler has let go says nothing of its worker. */
  trustsLocks?: string;
}

/** SQL: is the worker `w` alive? Needs {@link HELD_LOCKS}. */
export function isAlive({ now = "tape.now()", trustsLocks = "true" }: Liveness = {}): string {
  return `(
  w.beat_at >= ${now} - ${SILENT_MS} * interval '1 ms'
  AND (NOT ${trustsLocks} OR w.lock_key IS NULL OR w.beat_at >= ${now} - ${SESSION_GONE_MS} * interval '1 ms' OR EXISTS (SELECT FROM held WHERE held.key = w.lock_key))
)`;
}

/** {@link isAlive} as whoever only reads asks it. */
export const IS_ALIVE = isAlive();

/** A CTE of the workers that are dead: `dead (id)`, for {@link isStale}. Needs {@link HELD_LOCKS}. An owner that nobody knows is in none of these lists: only its lease tells. */
export function deadWorkers(liveness: Liveness = {}): string {
  return `dead AS MATERIALIZED (SELECT w.id FROM tape.workers w WHERE NOT ${isAlive(liveness)})`;
}

/** SQL: has the lease of run `r` run out, or is its owner dead? Needs {@link deadWorkers}. */
export function isStale({ now = "tape.now()" }: Pick<Liveness, "now"> = {}): string {
  return `(r.lease_expires_at <= ${now} OR r.owner IN (SELECT id FROM dead))`;
}

/** A claim whose answer never reached its worker is noticed by that worker itself after this long (ms). */
const UNANSWERED_MS = 5_000;

/** SQL: is run `r` in this worker's name without its knowing? `owner`, `driven` and `ttlMs` are the parameters of the worker that asks. */
export function isUnanswered({ owner, driven, ttlMs, now = "tape.now()" }: { owner: string; driven: string; ttlMs: string; now?: string }): string {
  return `(r.owner = ${owner} AND r.id <> ALL (${driven}) AND r.lease_expires_at < ${now} + (${ttlMs}::float8 - ${UNANSWERED_MS}) * interval '1 ms')`;
}

/** SQL: is there a live worker of the app that has loaded this? Needs {@link HELD_LOCKS}. */
export function hasLoaded(can: WorkerCan, app: string, name: string): string {
  return `EXISTS (SELECT FROM tape.worker_tools loaded JOIN tape.workers w ON w.id = loaded.worker_id
    WHERE loaded.app = ${app} AND loaded.tool = ${name} AND loaded.can = '${can}' AND ${IS_ALIVE})`;
}
