-- Who is undoing an obligation: a claim of its own, as effects and timers have one. It tells an attempt that was begun from
-- one that backs off or waits its turn, and a dead undoer of an extra copy is found by its presence. A walk's claims last as
-- long as its lease, and have no end of their own.
ALTER TABLE tape.obligations ADD COLUMN claim text COLLATE "C", ADD COLUMN claim_expires_at timestamptz,
  ADD CONSTRAINT obligations_claim CHECK ((claim IS NULL OR status = 'PENDING') AND (claim IS NOT NULL OR claim_expires_at IS NULL));
