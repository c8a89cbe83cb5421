import { parseBody } from "@tape/store";
import type * as store from "@tape/store";
import { ofRun, type Model, type TimerRow } from "../model.ts";
import { hasEnded, lockRun } from "../run/lock.ts";
import type { VerbOf } from "../verb.ts";
import { claimedTimer } from "./lock-claimed.ts";
import { byDueTime, settleTimers, told, voided, type Settlement } from "./settle.ts";

/**
 * The handlers of these timers are through: they are FIRED. One of kind `redrive` has its run driven again if that is
 * parked; one of kind `reconcile` has the run's UNKNOWN effects asked after at once.
 */
export const timersHandled: VerbOf<typeof store.timersHandled> = (model, reports) => {
  const claimed = reports.map((report) => claimedTimer(model, report));
  const timers = [...new Set(claimed)].filter((timer) => timer !== undefined).toSorted(byDueTime);
  const live = timers.filter(({ runId }) => !hasEnded(lockRun(model, runId)));
  settleTimers(model, timers.map((timer) => (live.includes(timer) ? fired(timer) : voided(timer))));
  reconcile(model, live.filter(({ kind }) => kind === "reconcile").map(({ runId }) => runId));
  return claimed.map((timer) => timer !== undefined && live.includes(timer));
};

export const timerHandled: VerbOf<typeof store.timerHandled> = (model, report) => timersHandled(model, [report])[0]!;

function fired(timer: TimerRow): Settlement {
  const redrive = timer.kind === "redrive" ? { redrive: reasonOf(timer) } : {};
  return { timer, to: "FIRED", happenings: [told(timer, "fired")], ends: () => false, ...redrive };
}

/** In the words that whoever set it gave as `{ reason }`, else by its name. */
function reasonOf({ id, payload }: TimerRow): string {
  const { reason } = (parseBody(payload) ?? {}) as { reason?: unknown };
  return typeof reason === "string" && reason !== "" ? reason.slice(0, 2000) : `its timer ${id} fired`;
}

/** Not those that somebody is asking after at the moment. */
function reconcile(model: Model, runIds: string[]): void {
  const due = runIds
    .flatMap((runId) => ofRun(model.effects, runId))
    .filter(({ status, claimExpiresAt }) => status === "UNKNOWN" && (claimExpiresAt === null || claimExpiresAt <= model.now));
  for (const effect of due) effect.nextCheckAt = model.now;
  if (due.length > 0) model.hints.push({ on: "reactors" });
}
