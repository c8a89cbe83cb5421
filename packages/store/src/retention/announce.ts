import { read } from "../read.ts";
import type { Store } from "../store.ts";
import type { OldStatus } from "./old-runs.ts";

/** What the workers do with old runs, for whoever says how long something can still be done. */
export interface AnnouncedRetention {
  /** How long after its last entry a run that ended so may be deleted (ms); those that are not named stay. */
  runsAfterMs: Partial<Record<OldStatus, number>>;
  /** How long after its end a run with something to undo is kept at least (ms); null: for as long as there is something to undo. */
  compensableForMs: number | null;
}

const KEY = "retention";

/** Says it to everybody who reads; the worker that was started last has the word. */
export async function announceRetention(store: Store, announced: AnnouncedRetention): Promise<void> {
  await read(
    store,
    `INSERT INTO tape.settings (key, value, created_at) VALUES ($1, $2, tape.now())
     ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value WHERE settings.value <> EXCLUDED.value`,
    [KEY, JSON.stringify(announced)],
  );
}

/** Until when retention keeps an ended run with something to undo; null: for as long as there is something to undo. */
export async function keptUntil(store: Store, { runId, status }: { runId: string; status: OldStatus }): Promise<Date | null> {
  const [row] = await read<{ announced: AnnouncedRetention | null; endedAt: Date; lastAt: Date }>(
    store,
    `SELECT (SELECT value::json FROM tape.settings WHERE key = $2) AS announced, r.ended_at AS "endedAt", last.at AS "lastAt"
     FROM tape.runs r JOIN tape.entries last ON last.run_id = r.id AND last.seq = r.seq WHERE r.id = $1`,
    [runId, KEY],
  );
  const { runsAfterMs = {}, compensableForMs = null } = row?.announced ?? {};
  const afterMs = runsAfterMs[status];
  if (!row || afterMs === undefined || compensableForMs === null) return null;
  return new Date(Math.max(row.lastAt.getTime() + afterMs, row.endedAt.getTime() + compensableForMs));
}
