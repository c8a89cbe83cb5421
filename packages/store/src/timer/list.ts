import type { Timer } from "@tape/core";
import { parseBody } from "../body.ts";
import { assertId } from "../identity.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";

/** Every timer of a run, the one that fires first at the head. */
export async function listTimers(store: Store, { runId }: { runId: string }): Promise<Timer[]> {
  assertId("run", runId);
  const rows = await read<Omit<Timer, "payload" | "fireAt"> & { payload: string | null; fireAt: Date }>(
    store,
    `SELECT id, run_id AS "runId", kind, payload, fire_at AS "fireAt", status, attempts, last_error AS "lastError"
     FROM tape.timers WHERE run_id = $1 ORDER BY fire_at, id`,
    [runId],
  );
  return rows.map((row) => ({ ...row, payload: parseBody(row.payload), fireAt: row.fireAt.toISOString() }));
}
