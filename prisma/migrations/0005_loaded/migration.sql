-- Workers also say which connectors they can send by and which sinks they have, each by its name: of what waits for
-- one that nobody has, it can be said.
ALTER TABLE tape.worker_tools DROP CONSTRAINT worker_tools_can_check;
ALTER TABLE tape.worker_tools ADD CONSTRAINT worker_tools_can_check CHECK (can IN ('check', 'compensate', 'timer', 'dispatch', 'sink'));
