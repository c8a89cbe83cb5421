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

/** SQL: is the worker `w` alive? Needs {@link HELD_LOCKS}. The same words as the take-over of its runs goes by. */
export const IS_ALIVE = `(
  w.beat_at >= tape.now() - ${SILENT_MS} * interval '1 ms'
  AND (w.lock_key IS NULL OR w.beat_at >= tape.now() - ${SESSION_GONE_MS} * interval '1 ms' OR EXISTS (SELECT FROM held WHERE held.key = w.lock_key))
)`;

/** SQL: is there a live worker of the app that has loaded this? Needs {@link HELD_LOCKS}. */
export function hasLoaded(can: "check" | "compensate" | "timer", app: string, name: string): string {
  return `EXISTS (SELECT FROM tape.worker_tools loaded JOIN tape.workers w ON w.id = loaded.worker_id
    WHERE loaded.app = ${app} AND loaded.tool = ${name} AND loaded.can = '${can}' AND ${IS_ALIVE})`;
}
