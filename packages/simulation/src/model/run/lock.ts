import { runMachine, TapeError, type Wait } from "@tape/core";
import type { Model, RunRow } from "../model.ts";

/** @throws {TapeError} `not_found`, also for what is no id of a run. */
export function lockRun(model: Model, runId: string): RunRow {
  const run = model.runs.get(runId);
  if (!run) throw new TapeError("not_found", `There is no run ${runId}.`);
  return run;
}

/** Has the run an owner whose lease has not run out? */
export function isDriven(model: Model, { leaseExpiresAt }: RunRow): boolean {
  return leaseExpiresAt !== null && leaseExpiresAt > model.now;
}

/** `wake` if the run is parked on what has come, else nothing. */
export function wakeIf(run: RunRow, hasCome: (wait: Wait) => boolean): { event?: "wake" } {
  return run.status === "WAITING" && (run.waits ?? []).some(hasCome) ? { event: "wake" } : {};
}

/** Has the agent's code said its last word? Also while it is compensated, and when that is stuck. */
export function hasEnded({ status, endedAs }: RunRow): boolean {
  return runMachine.ended.includes(status) || status === "COMPENSATING" || endedAs !== null;
}

/** Was it cancelled under this lease, and its driver has not left? */
export function isLeftBy({ status, settledAt, owner, epoch }: RunRow, lease: { owner: string; epoch: number }): boolean {
  return (status === "CANCELLED" || status === "COMPENSATING") && settledAt === null && owner === lease.owner && epoch === lease.epoch;
}
