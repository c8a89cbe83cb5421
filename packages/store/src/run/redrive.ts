import { TapeError, type Run } from "@tape/core";
import { requireRole, type Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import { appendToRun } from "../journal/append.ts";
import type { Store } from "../store.ts";
import { assertText } from "../text.ts";
import { inTransaction } from "../transaction.ts";
import { getRun } from "./get.ts";
import { lockRun, type LockedRun } from "./lock.ts";

/**
 * Has a run driven again that waits, or that is STUCK for another reason than its compensation (D16). Its journal is
 * replayed: nothing recorded is asked or done again.
 *
 * @throws {TapeError} `not_found`; `forbidden`; `illegal_transition` with the status and what to do instead.
 */
export async function redriveRun(store: Store, { id, reason, actor }: { id: string; reason: string; actor: Actor }): Promise<Run> {
  requireRole(actor, "operator", "redrive a run");
  assertText(reason, "reason", { max: 2000 });
  await inTransaction(store, async (tx) => {
    const run = await lockRun(tx, id);
    const instead = insteadOfRedriving(run);
    if (instead !== null) throw new TapeError("illegal_transition", instead, { status: run.status, endedAs: run.endedAs });
    await appendToRun(tx, { runId: id, happenings: [{ kind: "run", verb: "redriven", payload: { by: actor.id, reason } }], event: "redrive" });
    await appendAudit(tx, { actor: actor.id, action: "run.redrive", target: id, runId: id, details: { reason, from: run.status }, source: actor.source });
  });
  return await getRun(store, { id });
}

/** Why this run cannot be driven again, and what to do; null when it can. */
function insteadOfRedriving({ id, status, endedAs, owner }: LockedRun): string | null {
  switch (status) {
    case "WAITING":
      return null;
    case "STUCK":
      return endedAs === null ? null : `Run ${id} is STUCK in its compensation: resolve the obligation that is stuck, and the walk goes on by itself.`;
    case "RUNNABLE":
      return `Run ${id} is queued already: a worker that has its agent will drive it.`;
    case "RUNNING":
      return `Run ${id} is being driven by ${owner}. If that worker is gone, another one takes the run over by itself.`;
    case "FAILED":
      return `Run ${id} is FAILED, and that was its last word: start again, or fork.`;
    case "COMPLETED":
      return `Run ${id} is COMPLETED: there is nothing left to drive. Start again for new work.`;
    case "CANCELLED":
      return `Run ${id} is CANCELLED, and cancelling is for good: compensate it, or start again.`;
    case "COMPENSATING":
    case "COMPENSATED":
      return `Run ${id} is ${status}: what it did is taken back. Start again for new work.`;
  }
}
