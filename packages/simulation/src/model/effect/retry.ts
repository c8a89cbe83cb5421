import { append } from "../append.ts";
import type { EffectRow, Model, RunRow } from "../model.ts";
import { hasEnded } from "../run/lock.ts";
import { dropClaim } from "./lock.ts";
import type { Settlement } from "./settle.ts";

/** Would anybody send it? An inline effect is sent by its run's code; one of the outbox also for a run that went well (D17). */
export function canBeSent(run: RunRow, { dispatch }: EffectRow): boolean {
  return !hasEnded(run) || (dispatch === "OUTBOX" && run.status === "COMPLETED");
}

/**
 * Puts an UNKNOWN effect back to PENDING: it did not happen, or may be sent again under its key. An inline one wakes its
 * run, whose code sends it; one of the outbox is due now.
 */
export function retryEffect(model: Model, run: RunRow, effect: EffectRow, settlement: Settlement): void {
  const isInline = effect.dispatch === "INLINE";
  append(model, {
    runId: run.id,
    happenings: [{ kind: "effect", verb: "retried", payload: { effectId: effect.id, key: effect.key, ...settlement } }],
    inbox: isInline ? 1 : 0,
    ...(isInline && run.status === "WAITING" && { event: "wake" }),
  });
  effect.status = "PENDING";
  effect.unknownSince = effect.nextCheckAt = effect.inFlightAt = null;
  effect.checks = 0;
  effect.needsPerson = false;
  dropClaim(effect);
  effect.dueAt = isInline ? null : model.now;
  if (isInline) return;
  effect.attempts += 1;
  model.hints.push({ on: "reactors" });
}
