import type { Happening, Wait } from "@tape/core";
import { append } from "../append.ts";
import type { Model, RunRow, TimerRow } from "../model.ts";
import { lockRun, wakeIf } from "../run/lock.ts";

/** One armed timer that has come to its end, and what that adds to its run. */
export interface Settlement {
  timer: TimerRow;
  to: "FIRED" | "CANCELLED";
  happenings: Happening[];
  /** Which wait of the run ends with it. Null: nothing arrives, what drives the run need not look. */
  ends: ((wait: Wait) => boolean) | null;
  /** Why its run is driven again, if it is parked. */
  redrive?: string;
  /** Its handler failed for the last time. */
  lastError?: string;
}

/** Takes armed timers out of ARMED, tells each run of its own in one go, and moves those that waited for one of them. */
export function settleTimers(model: Model, settlements: readonly Settlement[]): void {
  for (const { timer, to, lastError = null } of settlements) {
    timer.status = to;
    timer.attempts += 1;
    timer.lastError = lastError;
    timer.claim = timer.claimExpiresAt = null;
  }
  for (const runId of new Set(settlements.map(({ timer }) => timer.runId))) {
    tell(model, lockRun(model, runId), settlements.filter(({ timer }) => timer.runId === runId));
  }
}

function tell(model: Model, run: RunRow, settlements: Settlement[]): void {
  const happenings = settlements.flatMap((settlement) => settlement.happenings);
  const arrivals = settlements.flatMap(({ ends }) => ends ?? []);
  const redriven = run.status === "WAITING" ? settlements.find(({ redrive }) => redrive !== undefined) : undefined;
  if (redriven) happenings.push({ kind: "run", verb: "redriven", payload: { by: `timer:${redriven.timer.id}`, reason: redriven.redrive! } });
  append(model, {
    runId: run.id,
    happenings,
    inbox: arrivals.length,
    gates: happenings.some(({ kind }) => kind === "gate"),
    ...(redriven ? { event: "redrive" as const } : wakeIf(run, (wait) => arrivals.some((ends) => ends(wait)))),
  });
}

/** A timer that ended, as the journal says it. */
export function told({ id, kind }: { id: string; kind: string }, verb: "fired" | "cancelled", more: { lastError?: string; by?: string } = {}): Happening {
  return { kind: "timer", verb, payload: { timerId: id, kind, ...more } };
}

/** A timer that nothing waits for any more. */
export function voided(timer: TimerRow): Settlement {
  return { timer, to: "CANCELLED", happenings: [told(timer, "cancelled")], ends: null };
}

/** What is due first comes first. */
export function byDueTime(a: TimerRow, b: TimerRow): number {
  return a.fireAt - b.fireAt || compare(a.runId, b.runId) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
