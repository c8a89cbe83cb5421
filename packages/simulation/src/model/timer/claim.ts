import { newId } from "@tape/core";
import { parseBody } from "@tape/store";
import type * as store from "@tape/store";
import { iso } from "../iso.ts";
import type { Model, TimerRow } from "../model.ts";
import { hasEnded, lockRun } from "../run/lock.ts";
import type { VerbOf } from "../verb.ts";
import { isDead } from "../worker/presence.ts";
import { MOST_ATTEMPTS, timerFailed } from "./failed.ts";
import { timersHandled } from "./handled.ts";
import { firesItself } from "./kinds.ts";
import { byDueTime } from "./settle.ts";

/** A claim that is not reported on within this time is taken by the next (ms). */
const CLAIM_MS = 60_000;

/**
 * Takes due timers of these kinds of these apps for their handlers. A claim that was lost counts as an attempt; after
 * the fifth the timer is given up. A timer of a run that has ended is cancelled.
 */
export const claimTimers: VerbOf<typeof store.claimTimers> = (model, { owner, kinds, limit }) => {
  if (kinds.length === 0) return [];
  const claim = `${owner}/${newId("rec")}`;
  const appOf = ({ runId }: TimerRow) => lockRun(model, runId).app;
  const isWanted = (timer: TimerRow) => !firesItself(timer.kind) && kinds.some(({ app, kind }) => app === appOf(timer) && kind === timer.kind);
  const claimed = [...model.timers.values()]
    .filter((timer) => timer.status === "ARMED" && timer.fireAt <= model.now && isWanted(timer) && isFree(model, timer))
    .toSorted(byDueTime)
    .slice(0, limit);
  for (const timer of claimed) {
    if (timer.claim !== null) timer.attempts += 1;
    timer.claim = claim;
    timer.claimExpiresAt = model.now + CLAIM_MS;
  }
  const isOver = ({ runId }: TimerRow) => hasEnded(lockRun(model, runId));
  const isLostTooOften = ({ attempts }: TimerRow) => attempts >= MOST_ATTEMPTS;
  timersHandled(model, claimed.filter(isOver).map(({ runId, id }) => ({ runId, id, claim })));
  const live = claimed.filter(({ status }) => status === "ARMED");
  const given = live.filter((timer) => !isLostTooOften(timer));
  for (const { runId, id } of live.filter(isLostTooOften)) timerFailed(model, { runId, id, claim, error: "its worker was lost each time it ran" });
  return given.map((timer) => {
    const { runId, id, kind, payload, fireAt, attempts } = timer;
    return { runId, id, app: appOf(timer), kind, payload: parseBody(payload), fireAt: iso(fireAt), attempt: attempts + 1, claim };
  });
};

/** Not at work for a live worker that has time left, nor waiting to be tried again. */
function isFree(model: Model, { claim, claimExpiresAt }: TimerRow): boolean {
  return claimExpiresAt === null || claimExpiresAt <= model.now || (claim !== null && isDead(model, claim.split("/")[0]!));
}
