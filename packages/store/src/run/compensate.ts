import { TapeError, type Happening, type Run } from "@tape/core";
import { requireRole, type Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import { appendToRun } from "../journal/append.ts";
import type { Store } from "../store.ts";
import { assertText } from "../text.ts";
import { inTransaction } from "../transaction.ts";
import { getRun } from "./get.ts";
import { lockRun, type LockedRun } from "./lock.ts";
import { settleRuns } from "./settle.ts";

/**
 * Asks that what an ended run did is taken back, newest first. The walk begins once no driver holds the run and every
 * outcome is known; what a body still confirms until then is included. What nobody has begun to send is not sent any
 * more. Asked again, the answer is the same and nothing happens.
 *
 * @throws {TapeError} `not_found`; `forbidden`; `illegal_transition` with the status and what to do first.
 */
export async function compensateRun(store: Store, { id, reason, actor }: { id: string; reason: string; actor: Actor }): Promise<Run> {
  requireRole(actor, "operator", "compensate a run");
  assertText(reason, "reason", { max: 2000 });
  await inTransaction(store, async (tx) => {
    const run = await lockRun(tx, id);
    if (run.status === "COMPENSATING" || run.status === "COMPENSATED") return;
    const instead = insteadOfCompensating(run);
    if (instead !== null) throw new TapeError("illegal_transition", instead, { status: run.status, endedAs: run.endedAs });

    const told: Happening = { kind: "run", verb: "compensating", payload: { by: actor.id, reason } };
    // A driver that still holds it settles it when it leaves.
    if (run.owner !== null) await appendToRun(tx, { runId: id, happenings: [told], event: "compensate" });
    else await settleRuns(tx, [{ run, before: [told], event: "compensate", settlement: { by: "person", actor: actor.id } }]);
    await appendAudit(tx, { actor: actor.id, action: "run.compensate", target: id, runId: id, details: { reason, from: run.status }, source: actor.source });
  });
  return await getRun(store, { id });
}

/** Why this run cannot be compensated yet, and what to do first; null when it can. */
export function insteadOfCompensating({ id, status, endedAs }: Pick<LockedRun, "id" | "status" | "endedAs">): string | null {
  switch (status) {
    case "COMPLETED":
    case "FAILED":
    case "CANCELLED":
      return null;
    case "RUNNABLE":
    case "RUNNING":
    case "WAITING":
      return `Run ${id} is ${status}: cancel it first, then compensate it.`;
    case "STUCK":
      if (endedAs === null) return `Run ${id} is STUCK: cancel it first, then compensate it.`;
      return `Run ${id} is STUCK in its compensation: resolve the obligation that is stuck, and the walk goes on by itself.`;
    case "COMPENSATING":
      return `Run ${id} is COMPENSATING already: it has been asked for.`;
    case "COMPENSATED":
      return `Run ${id} is COMPENSATED: what it did is taken back.`;
  }
}
