import { TapeError } from "@tape/core";
import type { EffectRow, Model, RunRow } from "../model.ts";
import { lockRun } from "../run/lock.ts";

/** @throws {TapeError} `not_found` */
export function lockEffect(model: Model, effectId: string): { run: RunRow; effect: EffectRow } {
  const effect = [...model.effects.values()].find(({ id }) => id === effectId);
  if (!effect) throw new TapeError("not_found", `There is no effect ${effectId}.`);
  return { run: lockRun(model, effect.runId), effect };
}

/** Has somebody a claim on it that has not run out? */
export function isClaimed(model: Model, { claimExpiresAt }: EffectRow): boolean {
  return claimExpiresAt !== null && claimExpiresAt > model.now;
}

/** Did somebody begin to send it, and has not said how that ended? */
export function isMarked({ inFlightAt }: EffectRow): boolean {
  return inFlightAt !== null;
}

/** Is it being sent at this moment? */
export function isInFlight(model: Model, effect: EffectRow): boolean {
  return isMarked(effect) && isClaimed(model, effect);
}

export function claimLost({ id, claim }: EffectRow): TapeError {
  return new TapeError("lease_lost", `The effect ${id} is not yours to report on any more.`, { claim });
}

export function dropClaim(effect: EffectRow): void {
  effect.claim = effect.claimExpiresAt = null;
}
