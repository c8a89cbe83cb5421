import type { Operation } from "./rows.ts";

/**
 * The one statement that every driver's commit is (D33, D34): it locks the runs of the batch in id order, lets through
 * the groups whose fence holds, and writes entries, bodies, the rows that change with them and the runs themselves.
 * Guards read only the run's own row. `$1` is the groups, `$2` the records, both as JSON text.
 *
 * Only the fragments that a batch needs are part of its statement; each combination is prepared once per connection.
 */
export function commitStatement(operations: ReadonlySet<Operation>): { name: string; text: string } {
  const wanted = ORDER.filter((operation) => operations.has(operation));
  const settles = wanted.includes("settle") || wanted.includes("settle_owing");
  const fragments = [
    ...wanted.filter((operation) => operation !== "settle" && operation !== "settle_owing").map((operation) => FRAGMENTS[operation]),
    ...(settles ? [SETTLE] : []),
    ...(wanted.includes("settle_owing") ? [OWE] : []),
  ];
  return { name: `tape_commit_${wanted.join("_") || "plain"}`, text: [HEAD, ...fragments, TAIL].join(",\n") };
}

const HEAD = `
WITH clock AS MATERIALIZED (SELECT tape.now() AS now),
g AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS g(
    run_id text, owner text, epoch int, first int, n int, fins int, "foreign" int, opened int, closed int,
    progressed boolean, micro_usd bigint, tokens bigint, held_micro_usd bigint, held_tokens bigint, cap_micro_usd bigint, cap_tokens bigint, ttl_ms float8, "to" text, inbox int, waits text, stuck text, due_ms float8)
),
l AS MATERIALIZED (
  SELECT r.id, r.status, r.owner, r.epoch, r.seq, r.inbox, r.foreign_outcomes, r.recorded, r.cancel_reason
  FROM tape.runs r WHERE r.id IN (SELECT run_id FROM g) ORDER BY r.id FOR UPDATE
),
p AS MATERIALIZED (
  SELECT g.*, l.seq AS base, (g."to" IS NOT NULL AND (g.inbox IS NULL OR g.inbox = l.inbox)) AS ended
  FROM g JOIN l ON l.id = g.run_id
  WHERE l.status = 'RUNNING' AND l.owner = g.owner AND l.epoch = g.epoch AND l.recorded = g.first
    AND (g."foreign" IS NULL OR g."foreign" = l.foreign_outcomes)
),
x AS MATERIALIZED (
  SELECT x.*, p.base + x.ord AS seq, c.now, c.now + x.due_ms * interval '1 millisecond' AS due_at
  FROM json_to_recordset($2::json) AS x(
    run_id text, ord int, fin boolean, kind text, verb text, ref text, body text, due_field text, due_ms float8, op text, "row" json)
  JOIN p ON p.run_id = x.run_id CROSS JOIN clock c
  WHERE p.ended OR NOT x.fin
),
entries AS (
  INSERT INTO tape.entries (run_id, seq, kind, verb, ref, at) SELECT run_id, seq, kind, verb, ref, now FROM x
),
bodies AS (
  INSERT INTO tape.bodies (run_id, seq, body)
  SELECT run_id, seq, CASE WHEN due_field IS NULL THEN body ELSE left(body, -1) || ',"' || due_field || '":"' || tape.iso(due_at) || '"}' END FROM x
)`;

const SETTLE = `
settled AS (
  UPDATE tape.effects e
  SET status = s.status, outcome_seq = x.seq, settled_at = x.now, unknown_since = NULL, next_check_at = NULL,
      external_ref = coalesce(s.external_ref, e.external_ref), summary = coalesce(s.summary, e.summary)
  FROM x, json_to_record(x."row") AS s(key text, status text, external_ref text, summary text)
  WHERE x.op IN ('settle', 'settle_owing') AND e.run_id = x.run_id AND e.key = s.key AND e.status IN ('PENDING', 'UNKNOWN')
)`;

const OWE = `
owed AS (
  INSERT INTO tape.obligations (id, run_id, effect_id, effect_key, position, kind, connector, reason, status, payload, summary, created_at)
  SELECT o.obligation_id, x.run_id, o.effect_id, o.key, x.seq, o.compensator, o.owed_connector, 'confirmed', 'REGISTERED', o.payload, o.owed_summary, x.now
  FROM x, json_to_record(x."row") AS o(obligation_id text, effect_id text, key text, compensator text, owed_connector text, payload text, owed_summary text)
  WHERE x.op = 'settle_owing'
)`;

const FRAGMENTS: Record<Exclude<Operation, "settle" | "settle_owing">, string> = {
  intend: `
intended AS (
  INSERT INTO tape.effects (id, run_id, key, tool, status, semantics, dispatch, fingerprint, request_seq, connector, business_key, summary, gate_id, compensator, created_at, due_at)
  SELECT e.id, x.run_id, e.key, e.tool, 'PENDING', e.semantics, e.dispatch, e.fingerprint, x.seq, e.connector, e.business_key, e.summary, e.gate_id, e.compensator, x.now,
         CASE WHEN e.dispatch = 'OUTBOX' THEN x.now END
  FROM x, json_to_record(x."row") AS e(id text, key text, tool text, semantics text, dispatch text, fingerprint text, connector text, business_key text, summary text, gate_id text, compensator text)
  WHERE x.op = 'intend'
)`,
  attempt: `
attempted AS (
  UPDATE tape.effects e SET attempts = a.attempts
  FROM x, json_to_record(x."row") AS a(key text, attempts int)
  WHERE x.op = 'attempt' AND e.run_id = x.run_id AND e.key = a.key
)`,
  lose: `
lost AS (
  UPDATE tape.effects e
  SET status = 'UNKNOWN', unknown_since = x.now, checks = 0, needs_person = NOT s.checkable,
      next_check_at = CASE WHEN s.checkable THEN x.now END
  FROM x, json_to_record(x."row") AS s(key text, checkable boolean)
  WHERE x.op = 'lose' AND e.run_id = x.run_id AND e.key = s.key AND e.status = 'PENDING'
)`,
  open_gate: `
opened AS (
  INSERT INTO tape.gates (id, run_id, agent, key, name, occurrence, status, fingerprint, opened_seq, risk, assignees, quorum, allow_self, opened_at, deadline_at)
  SELECT t.id, x.run_id, r.agent, t.key, t.name, t.occurrence, 'OPEN', t.fingerprint, x.seq, t.risk, t.assignees, t.quorum, t.allow_self, x.now, x.due_at
  FROM x JOIN tape.runs r ON r.id = x.run_id,
       json_to_record(x."row") AS t(id text, key text, name text, occurrence int, fingerprint text, risk text, assignees text[], quorum int, allow_self boolean)
  WHERE x.op = 'open_gate'
)`,
  close_gate: `
closed_gates AS (
  -- One that was decided before it could be closed keeps its decision, and gives its key to the gate that is asked instead (D30).
  UPDATE tape.gates t
  SET status = CASE t.status WHEN 'OPEN' THEN 'CANCELLED' ELSE t.status END,
      outcome = CASE t.status WHEN 'OPEN' THEN 'cancelled' ELSE t.outcome END,
      decided_at = CASE t.status WHEN 'OPEN' THEN x.now ELSE t.decided_at END,
      key = CASE WHEN t.status IN ('DECIDED', 'TIMED_OUT') THEN t.key || '/' || t.id ELSE t.key END
  FROM x, json_to_record(x."row") AS s(id text)
  WHERE x.op = 'close_gate' AND t.run_id = x.run_id AND t.id = s.id
)`,
  arm_timer: `
armed AS (
  INSERT INTO tape.timers (run_id, id, kind, key, ref, payload, fire_at, status, created_at)
  SELECT x.run_id, t.id, t.kind, t.key, t.timer_ref, t.payload, x.due_at, 'ARMED', x.now
  FROM x, json_to_record(x."row") AS t(id text, kind text, key text, timer_ref text, payload text)
  WHERE x.op = 'arm_timer'
)`,
  close_timer: `
closed_timers AS (
  UPDATE tape.timers t SET status = 'CANCELLED'
  FROM x, json_to_record(x."row") AS s(id text)
  WHERE x.op = 'close_timer' AND t.run_id = x.run_id AND t.id = s.id AND t.status = 'ARMED'
)`,
};

const ORDER: readonly Operation[] = ["intend", "attempt", "settle", "settle_owing", "lose", "open_gate", "close_gate", "arm_timer", "close_timer"];

const TAIL = `
u AS (
  UPDATE tape.runs r SET
    seq = r.seq + p.n + CASE WHEN p.ended THEN p.fins ELSE 0 END,
    recorded = r.recorded + p.n + CASE WHEN p.ended THEN p.fins ELSE 0 END,
    open_effects = r.open_effects + p.opened - p.closed,
    losses = CASE WHEN p.progressed THEN -1 ELSE r.losses END,
    spent_micro_usd = r.spent_micro_usd + p.micro_usd,
    spent_tokens = r.spent_tokens + p.tokens,
    reserved_micro_usd = r.reserved_micro_usd + p.held_micro_usd,
    reserved_tokens = r.reserved_tokens + p.held_tokens,
    cap_micro_usd = coalesce(p.cap_micro_usd, r.cap_micro_usd),
    cap_tokens = coalesce(p.cap_tokens, r.cap_tokens),
    lease_expires_at = CASE WHEN p.ended THEN NULL
      WHEN r.lease_expires_at < c.now + p.ttl_ms * interval '0.667 milliseconds' THEN c.now + p.ttl_ms * interval '1 millisecond'
      ELSE r.lease_expires_at END,
    owner = CASE WHEN p.ended THEN NULL ELSE r.owner END,
    status = CASE WHEN p.ended THEN p."to" ELSE r.status END,
    waits = CASE WHEN p.ended THEN p.waits END,
    stuck = CASE WHEN p.ended THEN p.stuck END,
    due_at = CASE WHEN p.ended THEN c.now + p.due_ms * interval '1 millisecond' ELSE r.due_at END,
    outcome_seq = CASE WHEN p.ended AND p."to" IN ('COMPLETED', 'FAILED') THEN r.seq + p.n + p.fins ELSE r.outcome_seq END,
    ended_at = CASE WHEN p.ended AND p."to" IN ('COMPLETED', 'FAILED') THEN c.now ELSE r.ended_at END,
    settled_at = CASE WHEN p.ended AND p."to" IN ('COMPLETED', 'FAILED') THEN c.now ELSE r.settled_at END
  FROM p CROSS JOIN clock c WHERE r.id = p.run_id
  RETURNING r.id, r.seq, r.inbox, r.foreign_outcomes, r.recorded, p.ended
)
SELECT g.run_id, u.seq, u.inbox, u.foreign_outcomes, u.recorded, u.ended,
  l.status AS was_status, l.owner AS was_owner, l.epoch AS was_epoch, l.recorded AS was_recorded, l.seq AS was_seq,
  l.inbox AS was_inbox, l.foreign_outcomes AS was_foreign, l.cancel_reason, extract(epoch FROM c.now) * 1000 AS at
FROM g CROSS JOIN clock c LEFT JOIN l ON l.id = g.run_id LEFT JOIN u ON u.id = g.run_id`;
