-- The smallest commit there is: one row.
INSERT INTO tape.bodies (run_id, seq, body) VALUES ($1, $2, '{}')
