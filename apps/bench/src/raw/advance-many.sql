-- advance.sql for many runs, each once: $1 is a JSON array. Answers the runs whose fence held.
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
t AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS t (
    run_id text, owner text, epoch int, recorded int, records int,
    outcome_key text, outcome_id text, outcome text, intent_key text, intent_id text, fingerprint text, intent text, ending text)
),
run AS MATERIALIZED (
  UPDATE tape.runs r SET
    seq = r.seq + t.records, recorded = r.recorded + t.records,
    open_effects = r.open_effects + CASE WHEN t.intent_key IS NULL THEN 0 ELSE 1 END - CASE WHEN t.outcome_key IS NULL THEN 0 ELSE 1 END,
    status = CASE WHEN t.ending IS NULL THEN 'RUNNING' ELSE 'COMPLETED' END,
    owner = CASE WHEN t.ending IS NULL THEN r.owner END,
    lease_expires_at = CASE WHEN t.ending IS NULL THEN r.lease_expires_at END,
    outcome_seq = CASE WHEN t.ending IS NOT NULL THEN r.seq + t.records END,
    ended_at = CASE WHEN t.ending IS NOT NULL THEN now END,
    settled_at = CASE WHEN t.ending IS NOT NULL THEN now END
  FROM t CROSS JOIN clock
  WHERE r.id = t.run_id AND r.status = 'RUNNING' AND r.owner = t.owner AND r.epoch = t.epoch AND r.recorded = t.recorded
  RETURNING t.*, r.seq - t.records AS base, now
),
settled AS (
  UPDATE tape.effects e SET status = 'CONFIRMED', outcome_seq = run.base + 1, settled_at = run.now
  FROM run WHERE e.run_id = run.run_id AND e.key = run.outcome_key AND e.status = 'PENDING'
),
intended AS (
  INSERT INTO tape.effects (id, run_id, key, tool, status, semantics, dispatch, fingerprint, request_seq, created_at)
  SELECT intent_id, run_id, intent_key, 'step', 'PENDING', 'IDEMPOTENT', 'INLINE', fingerprint, base + CASE WHEN outcome_key IS NULL THEN 1 ELSE 2 END, now
  FROM run WHERE intent_key IS NOT NULL
),
x AS MATERIALIZED (
  SELECT run_id, base + v.ord AS seq, v.kind, v.verb, v.ref, v.body, now
  FROM run, LATERAL (VALUES
    (1, 'effect', 'confirmed', outcome_id, outcome),
    (CASE WHEN outcome_key IS NULL THEN 1 ELSE 2 END, 'effect', 'intended', intent_id, intent),
    (records, 'run', 'completed', NULL, ending)) AS v (ord, kind, verb, ref, body)
  WHERE v.body IS NOT NULL
),
entries AS (
  INSERT INTO tape.entries (run_id, seq, kind, verb, ref, at) SELECT run_id, seq, kind, verb, ref, now FROM x
),
bodies AS (
  INSERT INTO tape.bodies (run_id, seq, body) SELECT run_id, seq, body FROM x
)
SELECT run_id FROM run
