import type * as store from "@tape/store";
import { append } from "../append.ts";
import { claimLost, isMarked, lockEffect } from "../effect/lock.ts";
import { canBeSent } from "../effect/retry.ts";
import type { VerbOf } from "../verb.ts";
import { giveUpUnsent } from "./give-up-unsent.ts";

const HELD_MS = 90_000;

/** Says that a claimed effect is about to be sent, before it is; what its run does not want any more is settled as never sent (D17). */
export const markInFlight: VerbOf<typeof store.markInFlight> = (model, { effectId, claim, forMs = HELD_MS }) => {
  const { run, effect } = lockEffect(model, effectId);
  if (effect.status !== "PENDING" || effect.claim !== claim) throw claimLost(effect);
  if (isMarked(effect)) return { to: "send" };
  if (!canBeSent(run, effect)) {
    giveUpUnsent(model, run, effect);
    return { to: "cancelled" };
  }
  effect.inFlightAt = model.now;
  effect.claimExpiresAt = effect.dueAt = model.now + forMs;
  append(model, { runId: run.id, happenings: [{ kind: "effect", verb: "in_flight", payload: { effectId, key: effect.key, claim } }] });
  return { to: "send" };
};
