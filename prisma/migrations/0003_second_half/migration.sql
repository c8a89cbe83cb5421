-- What cancelling, compensating, timers of one's own and values need beside the journal.

-- A write that agent code asked is a step: asked again after a crash, it finds what it wrote by the step's key.
ALTER TABLE tape.value_history ADD COLUMN step text COLLATE "C";
CREATE UNIQUE INDEX value_history_step ON tape.value_history (namespace, key, step) WHERE step IS NOT NULL;

-- Workers also say which compensators and which kinds of timers they have loaded, each by its name.
ALTER TABLE tape.worker_tools DROP CONSTRAINT worker_tools_can_check;
ALTER TABLE tape.worker_tools ADD CONSTRAINT worker_tools_can_check CHECK (can IN ('check', 'compensate', 'timer'));

-- The walk's work list; the walk itself changes no indexed column.
CREATE INDEX runs_compensating ON tape.runs (agent, id) WHERE status = 'COMPENSATING';
