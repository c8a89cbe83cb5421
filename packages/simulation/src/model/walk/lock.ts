import type { Model, RunRow } from "../model.ts";
import { lockRun } from "../run/lock.ts";

/** A walker, by the lease it has or had. */
export interface WalkOf {
  runId: string;
  owner: string;
  epoch: number;
}

/** The walk is not this walker's any more. */
export interface LostWalk {
  to: "lost";
  message: string;
}

/** The run, and why it is not walked under this lease; null when it is. */
export function lockWalk(model: Model, { runId, owner, epoch }: WalkOf): { run: RunRow; lost: LostWalk | null } {
  const run = lockRun(model, runId);
  const isHeld = run.status === "COMPENSATING" && run.settledAt !== null && run.owner === owner && run.epoch === epoch;
  return { run, lost: isHeld ? null : { to: "lost", message: whyLost(run, epoch) } };
}

function whyLost({ id, status, owner, epoch }: RunRow, own: number): string {
  if (epoch !== own) return `run ${id} was taken over${owner === null ? "" : ` by ${owner}`}: its epoch is ${epoch}, the walker's ${own}`;
  return `run ${id} is ${status} and no longer walked under epoch ${own}`;
}
