import type { Happening } from "@tape/core";
import type { DriverRecord } from "@tape/store";
import { keyOf, type Model, type RunRow, type TimerRow } from "../../model.ts";
import { dueAt } from "./due.ts";
import { plainRow } from "./plain.ts";

type TimerHappening = Extract<Happening, { kind: "timer" }>;

/** What a timer's record changes in its row. */
export function sayTimer(model: Model, run: RunRow, record: DriverRecord, happening: TimerHappening): void {
  if (happening.verb === "armed") arm(model, run, record, happening.payload);
  if (happening.verb === "cancelled") disarm(model.timers.get(keyOf(run.id, happening.payload.timerId)));
}

function arm(model: Model, run: RunRow, record: DriverRecord, { timerId: id, kind, key, payload }: Extract<TimerHappening, { verb: "armed" }>["payload"]): void {
  const timer: TimerRow = {
    ...{ runId: run.id, id, kind },
    key: key ?? null,
    ref: record.ref ?? null,
    payload: payload === undefined ? null : JSON.stringify(payload),
    fireAt: dueAt(model, record)!,
    status: "ARMED",
    attempts: 0,
    lastError: null,
    claim: null,
    claimExpiresAt: null,
    createdAt: model.now,
  };
  model.timers.set(keyOf(run.id, id), plainRow(timer));
}

function disarm(timer: TimerRow | undefined): void {
  if (timer?.status === "ARMED") timer.status = "CANCELLED";
}
