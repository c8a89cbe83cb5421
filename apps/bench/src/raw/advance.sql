-- Outcome of step i, intent of step i+1 and the run's end, each where there is one, fenced by the lease: no row when it does not hold.
-- $1 run, $2 owner, $3 epoch, $4 records so far under the lease, $5 records of this; $6 key, $7 id and $8 body of the outcome;
-- $9 key, $10 id, $11 fingerprint and $12 body of the intent; $13 body of the end.
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
run AS (
  UPDATE tape.runs r SET
    seq = seq + $5::int, recorded = recorded + $5,
    open_effects = open_effects + CASE WHEN $9::text IS NULL THEN 0 ELSE 1 END - CASE WHEN $6::text IS NULL THEN 0 ELSE 1 END,
    status = CASE WHEN $13::text IS NULL THEN 'RUNNING' ELSE 'COMPLETED' END,
    owner = CASE WHEN $13 IS NULL THEN owner END,
    lease_expires_at = CASE WHEN $13 IS NULL THEN lease_expires_at END,
    outcome_seq = CASE WHEN $13 IS NOT NULL THEN seq + $5 END,
    ended_at = CASE WHEN $13 IS NOT NULL THEN now END,
    settled_at = CASE WHEN $13 IS NOT NULL THEN now END
  FROM clock
  WHERE id = $1::text AND status = 'RUNNING' AND owner = $2::text AND epoch = $3::int AND recorded = $4::int
  RETURNING seq - $5 AS base, now
),
settled AS (
  UPDATE tape.effects SET status = 'CONFIRMED', outcome_seq = base + 1, settled_at = now
  FROM run WHERE run_id = $1 AND key = $6 AND status = 'PENDING'
),
intended AS (
  INSERT INTO tape.effects (id, run_id, key, tool, status, semantics, dispatch, fingerprint, request_seq, created_at)
  SELECT $10, $1, $9, 'step', 'PENDING', 'IDEMPOTENT', 'INLINE', $11, base + CASE WHEN $6 IS NULL THEN 1 ELSE 2 END, now FROM run WHERE $9 IS NOT NULL
),
x AS MATERIALIZED (
  SELECT (base + row_number() OVER (ORDER BY place))::int AS seq, kind, verb, ref, body, now
  FROM run, (VALUES (1, 'effect', 'confirmed', $7::text, $8::text), (2, 'effect', 'intended', $10::text, $12::text), (3, 'run', 'completed', NULL, $13)) AS v (place, kind, verb, ref, body)
  WHERE body IS NOT NULL
),
entries AS (
  INSERT INTO tape.entries (run_id, seq, kind, verb, ref, at) SELECT $1, seq, kind, verb, ref, now FROM x
),
bodies AS (
  INSERT INTO tape.bodies (run_id, seq, body) SELECT $1, seq, body FROM x
)
SELECT $1 AS run_id FROM run
