import type { Timer } from "@tape/core";
import { assertId } from "../identity.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { TIMER_COLUMNS, toTimer, type TimerRow } from "./row.ts";

/** Every timer of a run, the one that fires first at the head. */
export async function listTimers(store: Store, { runId }: { runId: string }): Promise<Timer[]> {
  assertId("run", runId);
  const rows = await read<TimerRow>(store, `SELECT ${TIMER_COLUMNS} FROM tape.timers WHERE run_id = $1 ORDER BY fire_at, id`, [runId]);
  return rows.map(toTimer);
}
