-- A run that begins under its first lease. $1 its id, $2 the fingerprint of its input, $3 the owner, $4 and $5 the bodies of its entries.
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
run AS (
  INSERT INTO tape.runs (id, app, agent, invocation_id, fingerprint, status, started_by, created_at, started_at, seq, owner, epoch, lease_expires_at, due_at)
  SELECT $1::text, 'bench', 'raw', $1, $2, 'RUNNING', 'sdk:bench', now, now, 2, $3, 1, now + interval '120 s', now FROM clock
),
entries AS (
  INSERT INTO tape.entries (run_id, seq, kind, verb, at)
  SELECT $1, v.seq, 'run', v.verb, now FROM clock, (VALUES (1, 'started'), (2, 'claimed')) AS v (seq, verb)
)
INSERT INTO tape.bodies (run_id, seq, body) VALUES ($1, 1, $4), ($1, 2, $5)
