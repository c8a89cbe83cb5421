/**
 * What the beat's thread says to PostgreSQL, as data: it loads `pg` and nothing else. The only SQL of this package; who
 * reads the rows (`takeOverRuns`) and who writes the rest of them (`registerWorker`) is in @tape/store.
 */

const HELD = `
  SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND pid = pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32) | objid::bigint = $3::bigint`;

/** As `beatWorker`. `$1` worker, `$2` runs it drives, `$3` its lock, `$4` stopping. Is the worker known, which process answered, does that one hold the lock? */
const beat = `
WITH u AS (UPDATE tape.workers SET beat_at = tape.now(), running = $2::int, stopping = $4::boolean WHERE id = $1 RETURNING 1)
SELECT EXISTS (SELECT 1 FROM u) AS known, pg_backend_pid() AS pid, EXISTS (${HELD}) AS holds`;

/** `$1` lock. Not waited for: the session before this one may not have been found dead yet. */
const lock = "SELECT pg_try_advisory_lock($1::bigint)";
const unlock = "SELECT pg_advisory_unlock($1::bigint)";

export const statements = { beat, lock, unlock } as const;
