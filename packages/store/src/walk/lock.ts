import { lockRun, type LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";

/** A walker, by the lease it has or had. */
export interface WalkOf {
  runId: string;
  owner: string;
  epoch: number;
}

/** The walk is not this walker's any more; `message` says whose it is. */
export interface LostWalk {
  to: "lost";
  message: string;
}

/** Locks a run, and says whether it is walked under this lease. */
export async function lockWalk(tx: Tx, { runId, owner, epoch }: WalkOf): Promise<{ run: LockedRun; lost: LostWalk | null }> {
  const run = await lockRun(tx, runId);
  const isHeld = run.status === "COMPENSATING" && run.settledAt !== null && run.owner === owner && run.epoch === epoch;
  return { run, lost: isHeld ? null : { to: "lost", message: whyLost(run, epoch) } };
}

function whyLost({ id, status, owner, epoch }: LockedRun, own: number): string {
  if (epoch !== own) return `run ${id} was taken over${owner === null ? "" : ` by ${owner}`}: its epoch is ${epoch}, the walker's ${own}`;
  return `run ${id} is ${status} and no longer walked under epoch ${own}`;
}
