import type { Timer } from "@tape/core";
import { parseBody } from "../body.ts";

/** A timer as every reading verb selects it, from `tape.timers`. */
export const TIMER_COLUMNS = `id, run_id AS "runId", kind, payload, fire_at AS "fireAt", status, attempts, last_error AS "lastError"`;

export interface TimerRow extends Omit<Timer, "payload" | "fireAt"> {
  payload: string | null;
  fireAt: Date;
}

export function toTimer(row: TimerRow): Timer {
  return { ...row, payload: parseBody(row.payload), fireAt: row.fireAt.toISOString() };
}
