import type * as store from "@tape/store";
import { dropClaim, isClaimed, isMarked } from "../effect/lock.ts";
import { loseEffect } from "../effect/lose.ts";
import { canBeSent } from "../effect/retry.ts";
import { inOrder } from "../in-order.ts";
import type { EffectRow, Model } from "../model.ts";
import { lockRun } from "../run/lock.ts";
import type { VerbOf } from "../verb.ts";
import { isDead } from "../worker/presence.ts";
import { sendLater } from "./send-later.ts";

/**
 * Looks after effects whose claim was lost: it ran out, or its worker is dead. One that nobody began to send is due again,
 * and so is an IDEMPOTENT one. Any other that was in flight may have happened: UNKNOWN, never PENDING (D5).
 */
export const recoverOutbox: VerbOf<typeof store.recoverOutbox> = (model, { limit, sessionLocks }) => {
  const lost = [...model.effects.values()].filter((effect) => {
    const owner = effect.claim?.split("/")[0];
    return effect.dueAt !== null && owner !== undefined && (!isClaimed(model, effect) || isDead(model, owner, { trustsLocks: sessionLocks }));
  });
  return inOrder(lost, ({ dueAt, id }) => [dueAt ?? 0, id])
    .slice(0, limit)
    .map((effect) => ({ effectId: effect.id, runId: effect.runId, tool: effect.tool, is: recover(model, effect) }));
};

function recover(model: Model, effect: EffectRow): store.RecoveredEffect["is"] {
  const run = lockRun(model, effect.runId);
  if (!isMarked(effect)) {
    dropClaim(effect);
    effect.dueAt = model.now;
    model.hints.push({ on: "reactors" });
    return "due_again";
  }
  const reason = "its sender was lost between sending it and recording what came of it";
  if (effect.semantics === "IDEMPOTENT" && canBeSent(run, effect)) {
    sendLater(model, run, effect, { error: { name: "ClaimLost", message: reason } });
    return "due_again";
  }
  loseEffect(model, run, effect, { reason, checkable: true });
  return "unknown";
}
