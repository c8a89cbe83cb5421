import { TapeError, type Happening, type Run } from "@tape/core";
import { requireRole, type Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import { appendToRun } from "../journal/append.ts";
import type { Store } from "../store.ts";
import { assertText } from "../text.ts";
import { inTransaction } from "../transaction.ts";
import { closeOpen } from "./close.ts";
import { getRun } from "./get.ts";
import { lockRun, type LockedRun } from "./lock.ts";
import { settleRuns } from "./settle.ts";

/**
 * Cancels a run for good: its status is CANCELLED at once, and its open gates and timers close with it. A run that is
 * driven keeps its lease until its driver has left at the next model or tool call, any other is settled at once. What was
 * done stays done: compensating is asked for (`compensateRun`). Asked again, the first reason stands.
 *
 * @throws {TapeError} `not_found`; `forbidden`; `illegal_transition` with the status and what to do instead.
 */
export async function cancelRun(store: Store, { id, reason, actor }: { id: string; reason: string; actor: Actor }): Promise<Run> {
  requireRole(actor, "operator", "cancel a run");
  assertText(reason, "reason", { max: 2000 });
  await inTransaction(store, async (tx) => {
    const run = await lockRun(tx, id);
    if (run.status === "CANCELLED") return;
    const instead = insteadOfCancelling(run);
    if (instead !== null) throw new TapeError("illegal_transition", instead, { status: run.status, endedAs: run.endedAs });

    const isSettled = run.owner === null;
    const closed = await closeOpen(tx, id);
    const told: Happening = { kind: "run", verb: "cancelled", payload: { reason, by: actor.id, settled: isSettled } };
    const move = { event: "cancel" as const, cancelled: { reason, by: actor.id }, gates: closed.gates };
    const happenings = [told, ...closed.happenings];
    if (isSettled) await settleRuns(tx, [{ ...move, run, before: happenings, settlement: { by: "person", actor: actor.id } }]);
    else await appendToRun(tx, { ...move, runId: id, happenings });
    await appendAudit(tx, { actor: actor.id, action: "run.cancel", target: id, runId: id, details: { reason, from: run.status }, source: actor.source });
  });
  return await getRun(store, { id });
}

/** Why this run cannot be cancelled, and what to do; null when it can. */
function insteadOfCancelling({ id, status, endedAs }: LockedRun): string | null {
  switch (status) {
    case "RUNNABLE":
    case "RUNNING":
    case "WAITING":
    case "CANCELLED":
      return null;
    case "STUCK":
      return endedAs === null ? null : `Run ${id} is STUCK in its compensation and was ${endedAs} before: resolve the obligation that is stuck; there is nothing left to cancel.`;
    case "COMPLETED":
    case "FAILED":
      return `Run ${id} is ${status} already: there is nothing left to cancel. To take back what it did, compensate it.`;
    case "COMPENSATING":
      return `Run ${id} is COMPENSATING, and what was begun is finished: waive an obligation to leave something as it is.`;
    case "COMPENSATED":
      return `Run ${id} is COMPENSATED: it has ended, and what it did is taken back.`;
  }
}
