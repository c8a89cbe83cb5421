-- start.sql for many runs: $1 is a JSON array of them.
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
s AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS s (run_id text, fingerprint text, owner text, started text, claimed text)
),
run AS (
  INSERT INTO tape.runs (id, app, agent, invocation_id, fingerprint, status, started_by, created_at, started_at, seq, owner, epoch, lease_expires_at, due_at)
  SELECT run_id, 'bench', 'raw', run_id, fingerprint, 'RUNNING', 'sdk:bench', now, now, 2, owner, 1, now + interval '120 s', now FROM s, clock
),
entries AS (
  INSERT INTO tape.entries (run_id, seq, kind, verb, at)
  SELECT s.run_id, v.seq, 'run', v.verb, now FROM s, clock, (VALUES (1, 'started'), (2, 'claimed')) AS v (seq, verb)
)
INSERT INTO tape.bodies (run_id, seq, body) SELECT s.run_id, v.seq, v.body FROM s, LATERAL (VALUES (1, s.started), (2, s.claimed)) AS v (seq, body)
