import { effectMachine } from "@tape/core";
import type * as store from "@tape/store";
import { recordLateOutcome } from "../driver/late.ts";
import { claimLost, lockEffect } from "../effect/lock.ts";
import { loseEffect } from "../effect/lose.ts";
import { canBeSent } from "../effect/retry.ts";
import { toEffect } from "../effect/row.ts";
import { settleEffect } from "../effect/settle.ts";
import { storableOutcome } from "../effect/storable.ts";
import type { EffectRow, Model, RunRow } from "../model.ts";
import type { VerbOf } from "../verb.ts";
import { giveUpUnsent } from "./give-up-unsent.ts";
import { sendLater } from "./send-later.ts";

const BY = { by: "outbox" } as const;

/**
 * What came of one sending. That it happened is believed of whoever performed it, while nothing else stands (D12); anything
 * else only of whoever holds the claim.
 */
export const recordDispatch: VerbOf<typeof store.recordDispatch> = (model, { effectId, claim, result }) => {
  const { run, effect } = lockEffect(model, effectId);
  if (effectMachine.ended.includes(effect.status)) {
    if (result.status === "confirmed") recordLateOutcome(model, { runId: run.id, effectId, key: effect.key, outcome: storableOutcome(result) });
    if (result.status === "failed") recordLateOutcome(model, { runId: run.id, effectId, key: effect.key, outcome: result });
  } else if (result.status === "confirmed") settleEffect(model, run, effect, storableOutcome(result), BY);
  else if (effect.claim !== claim || effect.status !== "PENDING") throw claimLost(effect);
  else apply(model, run, effect, result);
  return toEffect(model, effect);
};

function apply(model: Model, run: RunRow, effect: EffectRow, result: Exclude<store.DispatchOutcome, { status: "confirmed" }>): void {
  switch (result.status) {
    case "failed":
      return settleEffect(model, run, effect, result, BY);
    case "retry":
      return canBeSent(run, effect) ? sendLater(model, run, effect, result) : giveUpUnsent(model, run, effect, result);
    case "unknown":
      return loseEffect(model, run, effect, result);
  }
}
