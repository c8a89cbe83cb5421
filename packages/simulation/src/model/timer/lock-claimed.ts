import { keyOf, type Model, type TimerRow } from "../model.ts";

/** What a worker reports on: the timer, under the claim it was taken with. */
export interface TimerReport {
  runId: string;
  id: string;
  claim: string;
}

/** The timer of a report, if it is still armed under that claim: neither taken by another, nor set again, nor cancelled meanwhile. */
export function claimedTimer(model: Model, { runId, id, claim }: TimerReport): TimerRow | undefined {
  const timer = model.timers.get(keyOf(runId, id));
  return timer?.status === "ARMED" && timer.claim === claim ? timer : undefined;
}
