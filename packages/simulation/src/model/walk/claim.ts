import type * as store from "@tape/store";
import { write } from "../append.ts";
import { inOrder } from "../in-order.ts";
import { ofRun, type Model, type RunRow } from "../model.ts";
import { LOST_ATTEMPT } from "../obligation/attempted.ts";
import type { VerbOf } from "../verb.ts";
import { isStale, isUnanswered } from "../worker/presence.ts";
import { nextOf } from "./next-reversal.ts";

type Asking = Parameters<typeof store.claimWalks>[1];

/**
 * Takes the walks of runs that are to be compensated, settled and without an open effect (D15): those nobody walks, those
 * whose walker died or hung, and those in this worker's name that it does not know of. A walk that was lost counts as an
 * attempt of what it had begun to undo.
 */
export const claimWalks: VerbOf<typeof store.claimWalks> = (model, asking) => {
  const { owner, limit, ttlMs } = asking;
  const free = [...model.runs.values()].filter((run) => canBeWalked(run) && isFree(model, run, asking) && canGoOn(model, run, asking));
  return inOrder(free, ({ dueAt, id }) => [dueAt, id])
    .slice(0, limit)
    .map((run) => {
      const previousOwner = run.owner;
      run.owner = owner;
      run.epoch += 1;
      run.recorded = 0;
      run.leaseExpiresAt = model.now + ttlMs;
      write(model, run, [{ kind: "run", verb: "walk_claimed", payload: { owner, epoch: run.epoch, previousOwner } }]);
      model.hints.push({ on: "run", id: run.id, seq: run.seq });
      forgetBegun(model, run, { isLost: previousOwner !== null });
      const { id: runId, app, agent, epoch, seq, inbox, foreignOutcomes: foreign, losses } = run;
      return { runId, app, agent, owner, epoch, ttlMs, taken: "walk" as const, seq, inbox, foreign, losses };
    });
};

function canBeWalked({ status, settledAt, openEffects }: RunRow): boolean {
  return status === "COMPENSATING" && settledAt !== null && openEffects === 0;
}

function isFree(model: Model, run: RunRow, { owner, driven, ttlMs, sessionLocks }: Asking): boolean {
  return run.owner === null || isStale(model, run, { trustsLocks: sessionLocks }) || isUnanswered(model, run, { owner, driven, ttlMs });
}

/** Can what is undone next be undone here; or is nothing left to undo, nor any extra copy still being taken back? */
function canGoOn(model: Model, { id, app }: RunRow, { compensators }: Asking): boolean {
  const next = nextOf(model, id);
  if (next) return compensators.some((loaded) => loaded.app === app && loaded.compensator === next.kind);
  return !ofRun(model.obligations, id).some(({ status }) => status === "REGISTERED" || status === "PENDING");
}

/** Whoever walked it may have died of what it had begun to undo. */
function forgetBegun(model: Model, { id }: RunRow, { isLost }: { isLost: boolean }): void {
  for (const obligation of ofRun(model.obligations, id)) {
    if (obligation.claim === null || obligation.reason === "duplicate") continue;
    obligation.claim = null;
    if (!isLost) continue;
    obligation.attempts += 1;
    obligation.lastError = LOST_ATTEMPT;
  }
}
