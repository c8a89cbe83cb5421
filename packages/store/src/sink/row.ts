import { SINK_BEHIND_MOST, type Sink } from "@tape/core";
import { read } from "../read.ts";
import { decodeFeedCursor } from "../feed/cursor.ts";
import type { Store } from "../store.ts";
import { HELD_LOCKS, IS_ALIVE } from "../worker/presence.ts";

export interface SinkRow {
  id: string;
  cursor: string;
  attempts: number;
  lastError: string | null;
  nextAttemptAt: Date | null;
  stoppedAt: Date | null;
  updatedAt: Date;
  workers: number;
}

/** Sinks by id, each with how many live workers have it; `which` is a condition on `s` with its values. */
export async function readSinks(store: Store, which: string, values: unknown[] = []): Promise<SinkRow[]> {
  return await read<SinkRow>(
    store,
    `WITH ${HELD_LOCKS}
     SELECT s.id, s.cursor, s.attempts, s.last_error AS "lastError", s.next_attempt_at AS "nextAttemptAt", s.stopped_at AS "stoppedAt", s.updated_at AS "updatedAt",
       (SELECT count(*)::int FROM tape.worker_tools t JOIN tape.workers w ON w.id = t.worker_id WHERE t.can = 'sink' AND t.tool = s.id AND ${IS_ALIVE}) AS workers
     FROM tape.sinks s WHERE ${which} ORDER BY s.id`,
    values,
  );
}

// Not prepared: a plan made for any range of transactions would read all of history.
const BEHIND = `
  SELECT count(*)::int AS entries, tape.iso(min(at)) AS since FROM (
    SELECT e.at FROM tape.entries e WHERE e.tx >= $1::xid8 AND NOT COALESCE(e.tx < $2::xid8 AND (e.run_id, e.seq) <= ($3, $4::int), false)
    ORDER BY e.tx LIMIT ${SINK_BEHIND_MOST}) ahead`;

export async function toSink(store: Store, { cursor, ...row }: SinkRow): Promise<Sink> {
  const { from, inside } = decodeFeedCursor(cursor);
  const [behind] = await read<Sink["behind"]>(store, BEHIND, [from, inside?.to ?? null, inside?.runId ?? null, inside?.seq ?? null]);
  return {
    ...row,
    status: row.stoppedAt !== null ? "STOPPED" : row.attempts > 0 ? "RETRYING" : "DELIVERING",
    behind: behind!,
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
    stoppedAt: row.stoppedAt?.toISOString() ?? null,
    updatedAt: row.updatedAt.toISOString(),
  };
}

export async function getSink(store: Store, id: string): Promise<Sink | null> {
  const [row] = await readSinks(store, "s.id = $1", [id]);
  return row ? await toSink(store, row) : null;
}
