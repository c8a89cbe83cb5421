import { TapeError, type Happening } from "@tape/core";
import type * as store from "@tape/store";
import { requireRole } from "@tape/store";
import { append } from "../append.ts";
import { appendAudit } from "../audit.ts";
import type { RunRow } from "../model.ts";
import { assertText } from "../text.ts";
import type { VerbOf } from "../verb.ts";
import { closeOpen } from "./close.ts";
import { getRun } from "./get.ts";
import { lockRun } from "./lock.ts";
import { settleRuns } from "./settle.ts";

/**
 * Cancels a run for good: its status is CANCELLED at once, and its open gates and timers close with it. A run that is
 * driven keeps its lease until its driver has left, any other is settled at once. Asked again, the first reason stands.
 */
export const cancelRun: VerbOf<typeof store.cancelRun> = (model, { id, reason, actor }) => {
  requireRole(actor, "operator", "cancel a run");
  assertText(reason, "reason", { max: 2000 });
  const run = lockRun(model, id);
  const { status: from, endedAs } = run;
  if (from === "CANCELLED") return getRun(model, { id });
  const instead = insteadOfCancelling(run);
  if (instead !== null) throw new TapeError("illegal_transition", instead, { status: from, endedAs });

  const isSettled = run.owner === null;
  const closed = closeOpen(model, id);
  const told: Happening = { kind: "run", verb: "cancelled", payload: { reason, by: actor.id, settled: isSettled } };
  const happenings = [told, ...closed.happenings];
  const move = { event: "cancel" as const, cancelled: { reason, by: actor.id }, gates: closed.gates };
  if (isSettled) settleRuns(model, [{ ...move, run, before: happenings, settlement: { by: "person", actor: actor.id } }]);
  else append(model, { ...move, runId: id, happenings });
  appendAudit(model, { actor: actor.id, action: "run.cancel", target: id, runId: id, details: { reason, from } });
  return getRun(model, { id });
};

/** Why this run cannot be cancelled; null when it can. */
function insteadOfCancelling({ id, status, endedAs }: RunRow): string | null {
  switch (status) {
    case "RUNNABLE":
    case "RUNNING":
    case "WAITING":
    case "CANCELLED":
      return null;
    case "STUCK":
      return endedAs === null ? null : `Run ${id} is STUCK in its compensation: resolve the obligation that is stuck.`;
    case "COMPLETED":
    case "FAILED":
    case "COMPENSATING":
    case "COMPENSATED":
      return `Run ${id} is ${status}: there is nothing left to cancel.`;
  }
}
