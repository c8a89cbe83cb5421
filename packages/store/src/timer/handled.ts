import { parseBody } from "../body.ts";
import { hasEnded } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { lockClaimed, type ClaimedRow, type TimerReport } from "./lock-claimed.ts";
import { settleTimers, told, voided, type Settlement } from "./settle.ts";

/**
 * Says of claimed timers that their handlers are through: they are FIRED, all in one transaction. One of kind `redrive`
 * then has its run driven again if that is parked; one of kind `reconcile` has the run's UNKNOWN effects asked after at
 * once.
 *
 * @returns For each report, whether it was taken. Not where somebody else has the claim by now, or the timer was set
 *   again or cancelled meanwhile, also by its own handler: it stays as they left it. A timer whose run has ended is
 *   CANCELLED.
 */
export async function timersHandled(store: Store, reports: readonly TimerReport[]): Promise<boolean[]> {
  if (reports.length === 0) return [];
  return await inTransaction(store, async (tx) => {
    const { runs, timers } = await lockClaimed(tx, reports);
    const live = timers.filter(({ runId }) => !hasEnded(runs.get(runId)!));
    await settleTimers(tx, timers.map((timer) => (live.includes(timer) ? fired(timer) : voided(timer))), runs);
    await reconcile(tx, live.filter(({ kind }) => kind === "reconcile").map(({ runId }) => runId));
    const taken = new Set(live.map(nameOf));
    return reports.map((report) => taken.has(nameOf(report)));
  });
}

/** {@link timersHandled} for one. */
export async function timerHandled(store: Store, report: TimerReport): Promise<boolean> {
  const [taken] = await timersHandled(store, [report]);
  return taken!;
}

const nameOf = ({ runId, id, claim }: TimerReport) => `${runId}\n${id}\n${claim}`;

function fired(timer: ClaimedRow): Settlement {
  const redrive = timer.kind === "redrive" ? { redrive: reasonOf(timer) } : {};
  // It ends no wait, and counts as an arrival: a driver that ends the run must not close it a second time.
  return { timer, to: "FIRED", happenings: [told(timer, "fired")], ends: () => false, ...redrive };
}

/** In the words that whoever set it gave as `{ reason }`, else by its name. */
function reasonOf({ id, payload }: ClaimedRow): string {
  const { reason } = (parseBody(payload) ?? {}) as { reason?: unknown };
  return typeof reason === "string" && reason !== "" ? reason.slice(0, 2000) : `its timer ${id} fired`;
}

/** Not those that somebody is asking after at the moment. */
async function reconcile(tx: Tx, runIds: string[]): Promise<void> {
  if (runIds.length === 0) return;
  const { rowCount } = await tx.query(
    `UPDATE tape.effects SET next_check_at = tape.now() WHERE run_id = ANY ($1) AND status = 'UNKNOWN'
       AND (claim_expires_at IS NULL OR claim_expires_at <= tape.now())`,
    [runIds],
  );
  if (rowCount) tx.hint({ on: "reactors" });
}
