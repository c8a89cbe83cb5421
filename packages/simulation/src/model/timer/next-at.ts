import { SELF_FIRING_KINDS } from "@tape/store";
import type * as store from "@tape/store";
import type { Model, Ms, TimerRow } from "../model.ts";
import { lockRun } from "../run/lock.ts";
import type { VerbOf } from "../verb.ts";

/** One that a worker is at work on is looked at again after at most this long: that worker may be dead by then (ms). */
const LOOK_AGAIN_MS = 2_000;

/** How long until the next timer of these kinds is due, or is to be tried again. Null when none is armed. */
export const nextTimerAt: VerbOf<typeof store.nextTimerAt> = (model, { kinds = SELF_FIRING_KINDS, apps } = {}) => {
  const armed = [...model.timers.values()].filter(({ status, kind, runId }) => status === "ARMED" && kinds.includes(kind) && (apps === undefined || apps.includes(lockRun(model, runId).app)));
  const moments = armed.flatMap((timer) => lookAt(model, timer) ?? []);
  return moments.length === 0 ? null : { inMs: Math.max(0, Math.ceil(Math.min(...moments) - model.now)) };
};

function lookAt({ now }: Model, { fireAt, claim, claimExpiresAt }: TimerRow): Ms | null {
  if (claimExpiresAt === null) return fireAt;
  if (fireAt > now) return null;
  return claim === null ? claimExpiresAt : Math.min(claimExpiresAt, now + LOOK_AGAIN_MS);
}
