-- Sinks of the cross-run feed (D38), and what retention goes by (D36).

-- `passed`: every entry of a transaction below it has been delivered. A stopped sink gets nothing more and holds nothing back.
ALTER TABLE tape.sinks
  ADD COLUMN passed           xid8 NOT NULL DEFAULT '0',
  ADD COLUMN claim            text COLLATE "C",
  ADD COLUMN claim_expires_at timestamptz,
  ADD COLUMN next_attempt_at  timestamptz,
  ADD COLUMN stopped_at       timestamptz;

-- The status in which the bodies were dropped: a run that is compensated afterwards gets new ones, and is thinned out again.
ALTER TABLE tape.runs ADD COLUMN thinned_as text;

-- The lists retention goes through, the longest ended first. Neither covers a column that a step changes.
CREATE INDEX runs_to_thin ON tape.runs (status, ended_at, id)
  WHERE status IN ('COMPLETED', 'FAILED', 'CANCELLED', 'COMPENSATED') AND thinned_as IS DISTINCT FROM status;
CREATE INDEX runs_to_delete ON tape.runs (status, ended_at, id)
  WHERE status IN ('COMPLETED', 'FAILED', 'CANCELLED', 'COMPENSATED');
