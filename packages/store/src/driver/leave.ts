import { isLeftBy, lockRun } from "../run/lock.ts";
import { settleRuns } from "../run/settle.ts";
import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";

/** A driver, by the lease it has or had. */
export interface LeaseOf {
  runId: string;
  owner: string;
  epoch: number;
}

/**
 * A driver leaves a run that was cancelled: the lease is gone and the run is settled. What it has not said an outcome of
 * is UNKNOWN from here on.
 *
 * @returns False when the run is not cancelled, or not this driver's to leave any more.
 */
export async function settleRun(store: Store, lease: LeaseOf): Promise<boolean> {
  return await inTransaction(store, async (tx) => {
    const run = await lockRun(tx, lease.runId);
    if (!isLeftBy(run, lease)) return false;
    const after = [{ kind: "run" as const, verb: "settled" as const, payload: { by: lease.owner } }];
    await settleRuns(tx, [{ run, settlement: { by: "driver" }, after, lease: "given_back" }]);
    return true;
  });
}
