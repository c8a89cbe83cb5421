import { TapeError, type Timer } from "@tape/core";
import { assertId } from "../identity.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { assertText } from "../text.ts";
import { TIMER_COLUMNS, toTimer, type TimerRow } from "./row.ts";

/** @throws {TapeError} `not_found` */
export async function getTimer(store: Store, { runId, id }: { runId: string; id: string }): Promise<Timer> {
  assertId("run", runId);
  assertText(id, "id");
  const [row] = await read<TimerRow>(store, `SELECT ${TIMER_COLUMNS} FROM tape.timers WHERE run_id = $1 AND id = $2`, [runId, id]);
  if (!row) throw noTimer(runId, id);
  return toTimer(row);
}

export function noTimer(runId: string, id: string): TapeError {
  return new TapeError("not_found", `Run ${runId} has no timer ${id}.`);
}
