import type { WorkerInfo } from "@tape/core";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { HELD_LOCKS, IS_ALIVE } from "./presence.ts";

/** Every worker that is known, the living first. */
export async function listWorkers(store: Store): Promise<WorkerInfo[]> {
  const rows = await read<Omit<WorkerInfo, "startedAt" | "beatAt"> & { startedAt: Date; beatAt: Date }>(
    store,
    `WITH ${HELD_LOCKS}
     SELECT w.id, w.host, w.pid, w.started_at AS "startedAt", w.beat_at AS "beatAt", ${IS_ALIVE} AS alive, w.running,
       COALESCE((SELECT json_agg(json_build_object('app', a.app, 'agent', a.agent, 'version', a.version) ORDER BY a.app, a.agent)
                 FROM tape.worker_agents a WHERE a.worker_id = w.id), '[]') AS agents
     FROM tape.workers w ORDER BY alive DESC, w.started_at, w.id`,
  );
  return rows.map((row) => ({ ...row, startedAt: row.startedAt.toISOString(), beatAt: row.beatAt.toISOString() }));
}
