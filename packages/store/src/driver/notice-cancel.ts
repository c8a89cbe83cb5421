import { appendToRun } from "../journal/append.ts";
import { isLeftBy, lockRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";
import type { LeaseOf } from "./leave.ts";

/**
 * Says that its driver knows of the cancellation: nothing new is asked or begun from here on.
 *
 * @returns False when it was said before, or the run is not cancelled under this lease.
 */
export async function noticeCancel(store: Store, lease: LeaseOf): Promise<boolean> {
  return await inTransaction(store, async (tx) => {
    const run = await lockRun(tx, lease.runId);
    if (!isLeftBy(run, lease)) return false;
    const { rowCount } = await tx.query("UPDATE tape.runs SET cancel_noticed_at = tape.now() WHERE id = $1 AND cancel_noticed_at IS NULL", [run.id]);
    if (rowCount === 0) return false;
    await appendToRun(tx, { runId: run.id, happenings: [{ kind: "run", verb: "cancel_noticed", payload: { owner: lease.owner } }] });
    return true;
  });
}
