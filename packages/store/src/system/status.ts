import { RUN_STATUSES, type SystemStatus } from "@tape/core";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { HELD_LOCKS, IS_ALIVE } from "../worker/presence.ts";

/** What needs somebody, and how many runs there are of each status. Every count is read from an index. */
export async function systemStatus(store: Store): Promise<SystemStatus> {
  const [counts] = await read<Omit<SystemStatus, "stuckRuns"> & { runs: Record<string, number> }>(
    store,
    `WITH ${HELD_LOCKS}
     SELECT
       (SELECT COALESCE(json_object_agg(status, n), '{}') FROM (SELECT status, count(*) AS n FROM tape.runs GROUP BY status) AS by_status) AS runs,
       (SELECT count(*) FROM tape.gates WHERE status = 'OPEN') AS "openGates",
       (SELECT count(*) FROM tape.effects WHERE unknown_since IS NOT NULL) AS "unknownEffects",
       (SELECT count(*) FROM tape.effects WHERE needs_person AND status = 'PENDING') AS "unsentEffects",
       (SELECT count(*) FROM tape.entries WHERE kind = 'effect' AND verb = 'conflict') AS conflicts,
       (SELECT count(*) FROM tape.effects WHERE due_at IS NOT NULL) AS "unsettledOutbox",
       (SELECT count(*) FROM tape.workers w WHERE ${IS_ALIVE}) AS workers`,
  );
  const runs = Object.fromEntries(RUN_STATUSES.map((status) => [status, counts!.runs[status] ?? 0]));
  return { ...counts!, runs, stuckRuns: runs.STUCK ?? 0 };
}
