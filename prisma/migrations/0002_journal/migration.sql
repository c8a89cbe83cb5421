-- The journal and everything that hangs on it. Names are those of the design page.
--
-- Run tables are keyed by run_id first. There are no foreign keys between them: each would cost a look-up and a lock
-- per step, and what they would protect is written in one statement with the run's row locked.
-- Guards of transitions stand in the verbs of packages/store; the CHECKs here say what no row may ever look like.

-- One clock (D27): a session may set tape.now in tests; nothing compares with a process's clock.
CREATE FUNCTION tape.now() RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  told text := current_setting('tape.now', true);
BEGIN
  IF told IS NULL OR told = '' THEN
    RETURN clock_timestamp();
  END IF;
  RETURN told::timestamptz;
END $$;

-- Instants inside stored bodies are written as the wire writes them.
CREATE FUNCTION tape.iso(at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

CREATE TABLE tape.runs (
  id                text COLLATE "C" PRIMARY KEY,
  app               text NOT NULL,
  agent             text NOT NULL,
  version           text,
  pin_version       text,
  invocation_id     text COLLATE "C" NOT NULL,
  fingerprint       text NOT NULL,
  parent_run_id     text COLLATE "C",
  status            text NOT NULL,
  ended_as          text,
  labels            jsonb NOT NULL DEFAULT '{}',
  started_by        text NOT NULL,
  created_at        timestamptz NOT NULL,
  started_at        timestamptz,
  ended_at          timestamptz,
  cancel_reason     text,
  cancelled_by      text,
  cancelled_at      timestamptz,
  cancel_noticed_at timestamptz,
  settled_at        timestamptz,
  -- The last entry's number. Whoever appends holds this row.
  seq               integer NOT NULL,
  -- Counters that guards read instead of other tables (D33): what arrived, what somebody else than the driver settled,
  -- what is PENDING or UNKNOWN, and the obligations that are armed.
  inbox             integer NOT NULL DEFAULT 0,
  foreign_outcomes  integer NOT NULL DEFAULT 0,
  open_effects      integer NOT NULL DEFAULT 0,
  armed             integer NOT NULL DEFAULT 0,
  -- The lease: the right to extend the journal. `recorded` counts what was written under the present epoch, so that a
  -- commit sent twice is one (D20).
  owner             text COLLATE "C",
  epoch             integer NOT NULL DEFAULT 0,
  lease_expires_at  timestamptz,
  recorded          integer NOT NULL DEFAULT 0,
  -- Leases lost in a row without a new decision, outcome or delivery (D25); -1 once the present drive brought one.
  losses            integer NOT NULL DEFAULT 0,
  due_at            timestamptz NOT NULL,
  waits             text,
  stuck             text,
  -- Where the run's last words are: the seq of `completed` or `failed`.
  outcome_seq       integer,
  cap_micro_usd     bigint,
  cap_tokens        bigint,
  spent_micro_usd   bigint NOT NULL DEFAULT 0,
  spent_tokens      bigint NOT NULL DEFAULT 0,
  reserved_micro_usd bigint NOT NULL DEFAULT 0,
  reserved_tokens   bigint NOT NULL DEFAULT 0,
  CONSTRAINT runs_status CHECK (status IN ('RUNNABLE', 'RUNNING', 'WAITING', 'COMPENSATING', 'STUCK', 'COMPLETED', 'FAILED', 'CANCELLED', 'COMPENSATED')),
  CONSTRAINT runs_ended_as CHECK ((status IN ('COMPENSATING', 'COMPENSATED') AND ended_as IN ('COMPLETED', 'FAILED', 'CANCELLED'))
    OR (status = 'STUCK' AND (ended_as IS NULL OR ended_as IN ('COMPLETED', 'FAILED', 'CANCELLED')))
    OR (status NOT IN ('COMPENSATING', 'COMPENSATED', 'STUCK') AND ended_as IS NULL)),
  CONSTRAINT runs_lease_whole CHECK ((owner IS NULL) = (lease_expires_at IS NULL)),
  CONSTRAINT runs_lease_where CHECK ((status <> 'RUNNING' OR owner IS NOT NULL)
    AND (status IN ('RUNNING', 'COMPENSATING', 'CANCELLED') OR owner IS NULL)),
  CONSTRAINT runs_waits CHECK ((status = 'WAITING') = (waits IS NOT NULL)),
  CONSTRAINT runs_stuck CHECK ((status = 'STUCK') = (stuck IS NOT NULL)),
  CONSTRAINT runs_cancelled CHECK (status <> 'CANCELLED' OR (cancel_reason IS NOT NULL AND cancelled_at IS NOT NULL AND cancelled_by IS NOT NULL)),
  CONSTRAINT runs_ended CHECK (status NOT IN ('COMPLETED', 'FAILED', 'CANCELLED', 'COMPENSATED') OR ended_at IS NOT NULL),
  CONSTRAINT runs_outcome CHECK (status NOT IN ('COMPLETED', 'FAILED') OR outcome_seq IS NOT NULL),
  CONSTRAINT runs_settled CHECK (settled_at IS NULL OR owner IS NULL OR status = 'COMPENSATING'),
  CONSTRAINT runs_counters CHECK (seq >= 1 AND inbox >= 0 AND open_effects >= 0 AND armed >= 0 AND epoch >= 0 AND recorded >= 0)
) WITH (fillfactor = 60);

-- No index covers a column that changes at each step (seq, recorded, inbox, open_effects): those updates stay HOT.
-- The invocation first: a search finds its beginning without knowing the app.
CREATE UNIQUE INDEX runs_invocation ON tape.runs (invocation_id, app);
CREATE INDEX runs_created ON tape.runs (created_at DESC, id DESC);
CREATE INDEX runs_by_status ON tape.runs (status, created_at DESC, id DESC);
-- With the status between, so that an agent's failed runs are found among its million others; its runs of any status
-- are a merge of each.
CREATE INDEX runs_by_agent ON tape.runs (agent, status, created_at DESC, id DESC);
CREATE INDEX runs_by_label ON tape.runs USING gin (labels jsonb_path_ops);
-- A search knows a label's value and not its name.
CREATE INDEX runs_by_label_value ON tape.runs USING gin (jsonb_path_query_array(labels, '$.*') jsonb_path_ops);
CREATE INDEX runs_claimable ON tape.runs (agent, due_at) WHERE status = 'RUNNABLE';
CREATE INDEX runs_held ON tape.runs (owner) WHERE owner IS NOT NULL;
CREATE INDEX runs_unsettled ON tape.runs (cancelled_at) WHERE status = 'CANCELLED' AND settled_at IS NULL;
CREATE INDEX runs_children ON tape.runs (parent_run_id) WHERE parent_run_id IS NOT NULL;

-- Identities outlive their run (D36).
CREATE TABLE tape.invocations (
  app           text NOT NULL,
  invocation_id text COLLATE "C" NOT NULL,
  run_id        text COLLATE "C" NOT NULL,
  fingerprint   text NOT NULL,
  created_at    timestamptz NOT NULL,
  PRIMARY KEY (app, invocation_id)
);

-- The envelope of each entry; its payload is the body of the same (run_id, seq), so that retention can drop bodies alone.
CREATE TABLE tape.entries (
  run_id text COLLATE "C" NOT NULL,
  seq    integer NOT NULL CHECK (seq >= 1),
  kind   text NOT NULL CHECK (kind IN ('run', 'decision', 'effect', 'obligation', 'gate', 'signal', 'timer', 'value', 'budget')),
  verb   text NOT NULL,
  -- The id of what it is about (effect, gate, timer, obligation, signal), where there is one.
  ref    text COLLATE "C",
  at     timestamptz NOT NULL,
  -- Which transaction wrote it: the cross-run feed reads windows below the oldest one still open (D38).
  tx     xid8 NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (run_id, seq)
);
CREATE INDEX entries_feed ON tape.entries (tx);
-- Few, and counted by `tape status`.
CREATE INDEX entries_conflicts ON tape.entries (run_id) WHERE kind = 'effect' AND verb = 'conflict';

-- JSON text, exactly as it was given; text and not jsonb, because an outcome is never refused for its content (D20).
CREATE TABLE tape.bodies (
  run_id text COLLATE "C" NOT NULL,
  seq    integer NOT NULL,
  body   text NOT NULL,
  PRIMARY KEY (run_id, seq)
);

CREATE TABLE tape.effects (
  id            text COLLATE "C" NOT NULL,
  run_id        text COLLATE "C" NOT NULL,
  key           text COLLATE "C" NOT NULL,
  tool          text NOT NULL,
  status        text NOT NULL CHECK (status IN ('PENDING', 'CONFIRMED', 'FAILED', 'UNKNOWN')),
  semantics     text NOT NULL CHECK (semantics IN ('IDEMPOTENT', 'NON_IDEMPOTENT', 'OBSERVE_ONLY')),
  dispatch      text NOT NULL CHECK (dispatch IN ('INLINE', 'OUTBOX')),
  fingerprint   text NOT NULL,
  request_seq   integer NOT NULL,
  outcome_seq   integer,
  attempts      integer NOT NULL DEFAULT 1 CHECK (attempts >= 0),
  connector     text,
  business_key  text,
  external_ref  text,
  summary       text,
  gate_id       text COLLATE "C",
  -- The compensator its tool was defined with: whoever confirms it, driver, reconciler or person, registers the obligation.
  compensator   text,
  created_at    timestamptz NOT NULL,
  settled_at    timestamptz,
  -- Set only while UNKNOWN, so that a plain intent and its outcome touch no index.
  unknown_since timestamptz,
  checks        integer NOT NULL DEFAULT 0,
  next_check_at timestamptz,
  needs_person  boolean NOT NULL DEFAULT false,
  -- The outbox: due, then claimed, then marked in flight before the call.
  due_at           timestamptz,
  claim            text COLLATE "C",
  claim_expires_at timestamptz,
  in_flight_at     timestamptz,
  PRIMARY KEY (run_id, key),
  CONSTRAINT effects_no_inline_once CHECK (NOT (semantics = 'NON_IDEMPOTENT' AND dispatch = 'INLINE')),
  CONSTRAINT effects_business_key_connector CHECK (business_key IS NULL OR connector IS NOT NULL),
  CONSTRAINT effects_outbox_connector CHECK (dispatch <> 'OUTBOX' OR connector IS NOT NULL),
  CONSTRAINT effects_settled CHECK ((status IN ('CONFIRMED', 'FAILED')) = (settled_at IS NOT NULL)),
  CONSTRAINT effects_outcome CHECK (status NOT IN ('CONFIRMED', 'FAILED') OR outcome_seq IS NOT NULL),
  CONSTRAINT effects_unknown CHECK ((status = 'UNKNOWN') = (unknown_since IS NOT NULL)),
  CONSTRAINT effects_check CHECK (next_check_at IS NULL OR status = 'UNKNOWN')
) WITH (fillfactor = 70);
CREATE INDEX effects_id ON tape.effects (id);
CREATE INDEX effects_unknown ON tape.effects (unknown_since, id) WHERE unknown_since IS NOT NULL;
CREATE INDEX effects_to_check ON tape.effects (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX effects_outbox ON tape.effects (connector, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE tape.business_keys (
  connector    text NOT NULL,
  business_key text NOT NULL,
  run_id       text COLLATE "C" NOT NULL,
  effect_key   text COLLATE "C" NOT NULL,
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (connector, business_key)
);

CREATE TABLE tape.obligations (
  id              text COLLATE "C" NOT NULL,
  run_id          text COLLATE "C" NOT NULL,
  effect_id       text COLLATE "C" NOT NULL,
  effect_key      text COLLATE "C" NOT NULL,
  -- Its place in the walk: the seq of the confirmation. Newest first.
  position        integer NOT NULL,
  kind            text NOT NULL,
  connector       text,
  reason          text NOT NULL CHECK (reason IN ('confirmed', 'duplicate', 'conflict')),
  status          text NOT NULL CHECK (status IN ('REGISTERED', 'PENDING', 'COMPENSATED', 'STUCK', 'WAIVED')),
  payload         text NOT NULL,
  summary         text,
  attempts        integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  next_attempt_at timestamptz,
  last_error      text,
  created_at      timestamptz NOT NULL,
  settled_at      timestamptz,
  PRIMARY KEY (run_id, id),
  CONSTRAINT obligations_settled CHECK ((status IN ('COMPENSATED', 'WAIVED')) = (settled_at IS NOT NULL))
);
CREATE INDEX obligations_id ON tape.obligations (id);
CREATE INDEX obligations_due ON tape.obligations (next_attempt_at) WHERE status = 'PENDING';
CREATE INDEX obligations_stuck ON tape.obligations (created_at, id) WHERE status = 'STUCK';

CREATE TABLE tape.gates (
  id          text COLLATE "C" NOT NULL,
  run_id      text COLLATE "C" NOT NULL,
  agent       text NOT NULL,
  key         text COLLATE "C" NOT NULL,
  name        text NOT NULL,
  occurrence  integer NOT NULL CHECK (occurrence >= 1),
  status      text NOT NULL CHECK (status IN ('OPEN', 'DECIDED', 'TIMED_OUT', 'CANCELLED')),
  fingerprint text NOT NULL,
  opened_seq  integer NOT NULL,
  risk        text CHECK (risk IN ('low', 'medium', 'high')),
  assignees   text[] NOT NULL DEFAULT '{}',
  quorum      integer NOT NULL DEFAULT 1 CHECK (quorum >= 1),
  allow_self  boolean NOT NULL DEFAULT true,
  opened_at   timestamptz NOT NULL,
  deadline_at timestamptz,
  votes       jsonb NOT NULL DEFAULT '[]',
  outcome     text CHECK (outcome IN ('approved', 'rejected', 'timed_out', 'cancelled')),
  "values"    text,
  decided_by  text,
  decided_at  timestamptz,
  comment     text,
  PRIMARY KEY (run_id, id),
  CONSTRAINT gates_outcome CHECK ((status = 'OPEN' AND outcome IS NULL AND decided_at IS NULL)
    OR (status = 'DECIDED' AND outcome IN ('approved', 'rejected') AND decided_by IS NOT NULL AND decided_at IS NOT NULL)
    OR (status = 'TIMED_OUT' AND outcome = 'timed_out' AND decided_at IS NOT NULL)
    OR (status = 'CANCELLED' AND outcome = 'cancelled' AND decided_at IS NOT NULL))
);
CREATE INDEX gates_id ON tape.gates (id);
-- A changed payload cancels the gate and opens it again under the same key (D30).
CREATE UNIQUE INDEX gates_key ON tape.gates (run_id, key) WHERE status <> 'CANCELLED';
CREATE INDEX gates_open ON tape.gates (opened_at, id) WHERE status = 'OPEN';
CREATE INDEX gates_closed ON tape.gates (decided_at DESC, id DESC) WHERE status <> 'OPEN';

CREATE TABLE tape.timers (
  run_id     text COLLATE "C" NOT NULL,
  id         text COLLATE "C" NOT NULL,
  kind       text NOT NULL,
  -- The step that armed it (a sleep), the gate or the signal step it is the deadline of.
  key        text COLLATE "C",
  ref        text COLLATE "C",
  payload    text,
  fire_at    timestamptz NOT NULL,
  status     text NOT NULL CHECK (status IN ('ARMED', 'FIRED', 'CANCELLED')),
  attempts   integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  last_error text,
  claim      text COLLATE "C",
  claim_expires_at timestamptz,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, id)
);
CREATE INDEX timers_due ON tape.timers (fire_at) WHERE status = 'ARMED';

CREATE TABLE tape."values" (
  namespace text NOT NULL,
  key       text NOT NULL,
  version   bigint NOT NULL CHECK (version >= 1),
  value     text,
  deleted   boolean NOT NULL DEFAULT false,
  writer    text NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (namespace, key),
  CONSTRAINT values_live CHECK (deleted = (value IS NULL))
) WITH (fillfactor = 70);

CREATE TABLE tape.value_history (
  namespace text NOT NULL,
  key       text NOT NULL,
  version   bigint NOT NULL CHECK (version >= 1),
  value     text,
  deleted   boolean NOT NULL DEFAULT false,
  writer    text NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (namespace, key, version),
  CONSTRAINT value_history_live CHECK (deleted = (value IS NULL))
);

-- Who is alive (D26) and what they have loaded (D48).
CREATE TABLE tape.workers (
  id         text COLLATE "C" PRIMARY KEY,
  host       text NOT NULL,
  pid        integer NOT NULL,
  started_at timestamptz NOT NULL,
  beat_at    timestamptz NOT NULL,
  -- The session advisory lock its control connection holds; null where sessions do not last (a transaction pooler).
  lock_key   bigint,
  running    integer NOT NULL DEFAULT 0,
  stopping   boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);

CREATE TABLE tape.worker_agents (
  worker_id    text COLLATE "C" NOT NULL REFERENCES tape.workers ON DELETE CASCADE,
  app          text NOT NULL,
  agent        text NOT NULL,
  version      text,
  pinned       boolean NOT NULL DEFAULT false,
  title        text,
  input_schema text,
  PRIMARY KEY (worker_id, app, agent)
);

CREATE TABLE tape.worker_tools (
  worker_id text COLLATE "C" NOT NULL REFERENCES tape.workers ON DELETE CASCADE,
  app       text NOT NULL,
  tool      text NOT NULL,
  can       text NOT NULL CHECK (can IN ('check', 'compensate')),
  PRIMARY KEY (worker_id, app, tool, can)
);

-- Append-only; the sealer fills position and hash once (D37).
CREATE TABLE tape.audit (
  id         text COLLATE "C" PRIMARY KEY,
  at         timestamptz NOT NULL,
  actor      text NOT NULL,
  action     text NOT NULL,
  target     text NOT NULL,
  run_id     text COLLATE "C",
  details    text NOT NULL DEFAULT '{}',
  source     text,
  position   bigint,
  hash       bytea,
  CONSTRAINT audit_sealed CHECK ((position IS NULL) = (hash IS NULL))
);
CREATE UNIQUE INDEX audit_chain ON tape.audit (position) WHERE position IS NOT NULL;
CREATE INDEX audit_unsealed ON tape.audit (id) WHERE position IS NULL;
CREATE INDEX audit_recent ON tape.audit (at DESC, id DESC);
CREATE INDEX audit_of_run ON tape.audit (run_id, at) WHERE run_id IS NOT NULL;

CREATE FUNCTION tape.audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.position IS NULL AND NEW.position IS NOT NULL
     AND (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.target, NEW.run_id, NEW.details, NEW.source)
         IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.target, OLD.run_id, OLD.details, OLD.source) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON tape.audit
  FOR EACH ROW EXECUTE FUNCTION tape.audit_is_append_only();

CREATE TABLE tape.api_tokens (
  id           text COLLATE "C" PRIMARY KEY,
  name         text NOT NULL,
  hash         bytea NOT NULL UNIQUE,
  role         text NOT NULL CHECK (role IN ('viewer', 'approver', 'operator', 'admin')),
  created_by   text NOT NULL,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz
);

-- The answer to a request that may be sent twice (`Idempotency-Key`).
CREATE TABLE tape.idempotency_keys (
  scope       text NOT NULL,
  key         text NOT NULL,
  fingerprint text NOT NULL,
  answer      text NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_age ON tape.idempotency_keys (created_at);

-- Where each sink of the cross-run feed has got to.
CREATE TABLE tape.sinks (
  id         text PRIMARY KEY,
  cursor     text NOT NULL,
  attempts   integer NOT NULL DEFAULT 0,
  last_error text,
  updated_at timestamptz NOT NULL
);

-- Things made once and kept: the session secret, "the demo was seeded".
CREATE TABLE tape.settings (
  key        text PRIMARY KEY,
  value      text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT tape.now()
);
