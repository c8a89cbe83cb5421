import type * as store from "@tape/store";
import { append } from "../append.ts";
import type { Model, ObligationRow, RunRow } from "../model.ts";
import { LOST_ATTEMPT, MOST_ATTEMPTS, stopReversal } from "../obligation/attempted.ts";
import { dueInMs, inWalkOrder, isOwed, toReversal } from "../obligation/row.ts";
import type { VerbOf } from "../verb.ts";
import { giveUp } from "./give-up.ts";
import { lockWalk } from "./lock.ts";
import { handBack } from "./release.ts";

/**
 * What the walker of a run does next: the newest obligation that is still owed, and nothing older while it is. It is armed
 * when the walk reaches it, so that one registered meanwhile is included (D15). When none is left, the run is COMPENSATED.
 */
export const nextReversal: VerbOf<typeof store.nextReversal> = (model, { compensators, ...walk }) => {
  const { run, lost } = lockWalk(model, walk);
  if (run.status === "COMPENSATED" && run.epoch === walk.epoch) return { to: "done" };
  if (lost) return lost;
  if (run.openEffects > 0) return leaveUnsettled(model, run);
  const next = nextOf(model, run.id);
  if (!next) return end(model, run);
  if (next.status === "STUCK") return stopAt(model, run, next);
  if (!compensators.includes(next.kind)) {
    handBack(model, run, "compensator_missing");
    return { to: "left", why: "compensator_missing" };
  }
  if (isLostTooOften(next)) return loseForGood(model, run, next);
  const inMs = dueInMs(model, next);
  if (inMs > 0) return { to: "wait", inMs };
  if (next.status === "REGISTERED") arm(model, run, next);
  next.claim = `${walk.owner}/${walk.epoch}`;
  return { to: "undo", obligation: toReversal(model, next) };
};

/** What the walk of a run undoes next. Extra copies are undone beside it (D18). */
export function nextOf(model: Model, runId: string): ObligationRow | undefined {
  return inWalkOrder(model, runId).find((obligation) => isOwed(obligation) && obligation.reason !== "duplicate");
}

/** The run is COMPENSATED once its extra copies are taken back too. */
function end(model: Model, run: RunRow): store.NextReversal {
  const copies = inWalkOrder(model, run.id).filter(isOwed);
  const [stuck] = copies;
  if (copies.some(({ status }) => status !== "STUCK")) return leaveUnsettled(model, run);
  if (stuck) return stopAt(model, run, stuck);
  append(model, { runId: run.id, happenings: [{ kind: "run", verb: "compensated", payload: {} }], event: "compensated", lease: "given_back" });
  return { to: "done" };
}

function leaveUnsettled(model: Model, run: RunRow): store.NextReversal {
  append(model, { runId: run.id, happenings: [], lease: "given_back" });
  return { to: "left", why: "unsettled" };
}

function stopAt(model: Model, run: RunRow, { id, lastError }: ObligationRow): store.NextReversal {
  giveUp(model, run, { obligationId: id, message: lastError ?? "gave up before" });
  return { to: "lost", message: `run ${run.id} is STUCK by the obligation ${id}` };
}

/** Did each attempt take its worker with it? */
function isLostTooOften({ status, attempts, lastError }: ObligationRow): boolean {
  return status === "PENDING" && attempts > 0 && attempts % MOST_ATTEMPTS === 0 && lastError === LOST_ATTEMPT;
}

function loseForGood(model: Model, run: RunRow, next: ObligationRow): store.NextReversal {
  const { happening, message } = stopReversal(model, next, { attempt: next.attempts, error: { name: "WorkerLost", message: LOST_ATTEMPT } });
  giveUp(model, run, { obligationId: next.id, message, before: [happening], armed: -1 });
  return { to: "lost", message: `run ${run.id} is STUCK by the obligation ${next.id}` };
}

function arm(model: Model, run: RunRow, next: ObligationRow): void {
  next.status = "PENDING";
  append(model, { runId: run.id, happenings: [{ kind: "obligation", verb: "armed", payload: { obligationId: next.id, effectId: next.effectId } }], armed: 1 });
}
