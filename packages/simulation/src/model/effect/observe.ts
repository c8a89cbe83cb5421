import { effectMachine, type RecordedError } from "@tape/core";
import type * as store from "@tape/store";
import type { EffectRow, Model, RunRow } from "../model.ts";
import { armDuplicates } from "../obligation/duplicates.ts";
import type { VerbOf } from "../verb.ts";
import { contradictEffect } from "./contradict.ts";
import { claimLost, lockEffect } from "./lock.ts";
import { backoffMs, postponeEffect } from "./postpone.ts";
import { canBeSent, retryEffect } from "./retry.ts";
import { toEffect } from "./row.ts";
import { settleEffect } from "./settle.ts";
import { storableOutcome } from "./storable.ts";

type Observation = store.Observation;

/** After so many answers that settle nothing, a NON_IDEMPOTENT effect is also shown to a person. */
const CHECKS_BEFORE_PERSON = 10;
const BY = { by: "reconciler" } as const;

/**
 * The table of observations. What happened is believed of whoever says it, while nothing else stands; anything else only
 * of whoever holds the claim. An outcome that stands is kept, and what contradicts it is journaled (D12).
 */
export const recordObservation: VerbOf<typeof store.recordObservation> = (model, { effectId, claim, observation }) => {
  const { run, effect } = lockEffect(model, effectId);
  if (observation.status === "duplicate") applyDuplicate(model, run, effect, observation);
  else if (effectMachine.ended.includes(effect.status)) contradictIfOther(model, run, effect, observation);
  else if (observation.status === "confirmed") settleEffect(model, run, effect, storableOutcome(observation), BY);
  else if (effect.claim !== claim || effect.status !== "UNKNOWN") throw claimLost(effect);
  else apply(model, run, effect, observation);
  return toEffect(model, effect);
};

function apply(model: Model, run: RunRow, effect: EffectRow, observation: Exclude<Observation, { status: "confirmed" | "duplicate" }>): void {
  const isOnce = effect.semantics === "NON_IDEMPOTENT";
  switch (observation.status) {
    case "failed":
      return settleEffect(model, run, effect, { status: "failed", error: errorOf(observation.error) }, BY);
    case "absent":
      if (isOnce) return postponeEffect(model, run, effect, { observation: "absent", message: "absent at the counterparty", nextInMs: null, needsPerson: true });
      if (canBeSent(run, effect)) return retryEffect(model, run, effect, { ...BY, reason: "absent at the counterparty" });
      return settleEffect(model, run, effect, { status: "failed", error: absentError(run, effect) }, { ...BY, reason: "absent" });
    case "inconclusive": {
      const checks = effect.checks + 1;
      const needsPerson = isOnce && checks >= CHECKS_BEFORE_PERSON;
      return postponeEffect(model, run, effect, { ...observation, observation: "inconclusive", nextInMs: backoffMs(checks), needsPerson });
    }
  }
}

/** It happened more than once: it is CONFIRMED, and one obligation is armed for each copy but the one that stands (D18). */
function applyDuplicate(model: Model, run: RunRow, effect: EffectRow, { refs, ...seen }: Extract<Observation, { status: "duplicate" }>): void {
  const standing = effect.externalRef !== null && refs.includes(effect.externalRef) ? effect.externalRef : refs[0];
  const outcome = storableOutcome({ ...seen, status: "confirmed", ...(standing !== undefined && { externalRef: standing }) });
  if (effect.status === "FAILED") contradictEffect(model, run, effect, outcome, BY.by);
  else if (effect.status !== "CONFIRMED") settleEffect(model, run, effect, outcome, { ...BY, reason: `seen ${refs.length} times at the counterparty` });
  armDuplicates(model, run, effect, { refs: refs.filter((ref) => ref !== standing), result: outcome.result });
}

function contradictIfOther(model: Model, run: RunRow, effect: EffectRow, observation: Observation): void {
  if (observation.status === "confirmed" && effect.status === "FAILED") contradictEffect(model, run, effect, storableOutcome(observation), BY.by);
  if (observation.status === "failed" && effect.status === "CONFIRMED") contradictEffect(model, run, effect, { status: "failed", error: errorOf(observation.error) }, BY.by);
}

function absentError({ status }: RunRow, { tool }: EffectRow): RecordedError {
  return { name: "EffectAbsent", message: `${tool} never reached its counterparty, and its run is ${status}` };
}

function errorOf(error: RecordedError | string): RecordedError {
  return typeof error === "string" ? { name: "EffectFailed", message: error } : error;
}
