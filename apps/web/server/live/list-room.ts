import type { RunFilter, RunSummary } from "@tape/core";
import type { Logger } from "../log.ts";
import { createDirtyRoom } from "./dirty-room.ts";
import type { LiveReads } from "./types.ts";

interface News {
  upserts: RunSummary[];
  removed: string[];
}

/** Rows that a room remembers and a refresh looks at: the newest ones, and the latest it told. */
const REMEMBERED = 500;
const NEWEST = 200;

/** Those who watch runs by one filter. */
export function createListRoom(filter: RunFilter, { reads, log }: { reads: LiveReads; log: Logger }) {
  /** Each row as it was told last, the latest at the end. */
  const told = new Map<string, string>();
  const room = createDirtyRoom<News>({
    log,
    read: async (ids) => newsOf(ids, await reads.summaries(ids, filter)),
    emit: ({ watchId, outlet }, news) => outlet.emit("runs", { watchId, ...news }),
  });

  function newsOf(asked: string[], rows: RunSummary[]): News | null {
    const matching = new Set(rows.map((row) => row.id));
    const removed = asked.filter((id) => !matching.has(id));
    for (const row of rows) remember(row);
    for (const id of removed) told.delete(id);
    return rows.length + removed.length === 0 ? null : { upserts: rows, removed };
  }

  function remember(row: RunSummary): void {
    told.delete(row.id);
    told.set(row.id, JSON.stringify(row));
    const [oldest] = told.keys();
    if (told.size > REMEMBERED && oldest !== undefined) told.delete(oldest);
  }

  return {
    members: room.members,
    add: room.add,
    remove: room.remove,
    release: room.release,
    changed: (runId: string) => room.changed(runId),
    /** So that a later refresh tells only what changed from here on. */
    async begin(): Promise<void> {
      for (const row of await reads.newestRuns(filter, NEWEST)) remember(row);
    },
    /** Reads the newest rows and the remembered ones again, and tells those that are different now. */
    async refresh(): Promise<void> {
      const newest = await reads.newestRuns(filter, NEWEST);
      const seen = new Set(newest.map((row) => row.id));
      const others = [...told.keys()].filter((id) => !seen.has(id));
      const rows = others.length === 0 ? newest : [...newest, ...(await reads.summaries(others, filter))];
      const matching = new Set(rows.map((row) => row.id));
      const upserts = rows.filter((row) => told.get(row.id) !== JSON.stringify(row));
      const removed = others.filter((id) => !matching.has(id));
      for (const row of upserts) remember(row);
      for (const id of removed) told.delete(id);
      if (upserts.length + removed.length > 0) room.say([...upserts.map((row) => row.id), ...removed], { upserts, removed });
    },
  };
}

export type ListRoom = ReturnType<typeof createListRoom>;
