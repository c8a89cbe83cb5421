import type { Timer } from "@tape/core";
import { parseBody } from "@tape/store";
import { iso } from "../iso.ts";
import type { TimerRow } from "../model.ts";

export function toTimer({ id, runId, kind, payload, fireAt, status, attempts, lastError }: TimerRow): Timer {
  return { id, runId, kind, payload: parseBody(payload), fireAt: iso(fireAt), status, attempts, lastError };
}
