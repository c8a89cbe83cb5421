import type * as store from "@tape/store";
import type { EffectRow, Model, RunRow } from "../model.ts";
import type { VerbOf } from "../verb.ts";
import { claimLost, dropClaim, lockEffect } from "./lock.ts";
import { backoffMs, postponeEffect } from "./postpone.ts";
import { canBeSent, retryEffect } from "./retry.ts";
import { toEffect } from "./row.ts";

const MOST_RESENDS = 5;

/** For an UNKNOWN effect that nobody can be asked about (D22): sent again under its key by back-off, five times; then a person has the word. */
export const resendEffect: VerbOf<typeof store.resendEffect> = (model, { effectId, claim }) => {
  const { run, effect } = lockEffect(model, effectId);
  if (effect.status === "UNKNOWN") {
    if (effect.claim !== claim) throw claimLost(effect);
    resend(model, run, effect);
  }
  return toEffect(model, effect);
};

function resend(model: Model, run: RunRow, effect: EffectRow): void {
  const leave = (message: string) => postponeEffect(model, run, effect, { observation: "inconclusive", message, nextInMs: null, needsPerson: true });
  if (effect.semantics === "NON_IDEMPOTENT") return leave("nobody can be asked, and it must not be sent twice");
  if (!canBeSent(run, effect)) return leave(`nobody can be asked, and its run is ${run.status}`);
  const resends = countResends(model, effect);
  if (resends >= MOST_RESENDS) return leave(`sent again ${resends} times without an acknowledgement, and nobody can be asked`);
  const dueAt = effect.unknownSince! + backoffMs(resends + 1);
  if (dueAt <= model.now) return retryEffect(model, run, effect, { by: "reconciler", reason: "nobody can be asked; safe to send again under its key" });
  effect.nextCheckAt = dueAt;
  dropClaim(effect);
}

function countResends(model: Model, { runId, id }: EffectRow): number {
  return model.journals.get(runId)!.filter(({ kind, verb, ref }) => kind === "effect" && verb === "retried" && ref === id).length;
}
