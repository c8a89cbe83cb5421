import { effectMachine, type RecordedError } from "@tape/core";
import type * as store from "@tape/store";
import { append } from "../append.ts";
import { contradictEffect } from "../effect/contradict.ts";
import { lockEffect } from "../effect/lock.ts";
import { loseEffect } from "../effect/lose.ts";
import { settleEffect } from "../effect/settle.ts";
import type { EffectRow, Model } from "../model.ts";
import { isLeftBy } from "../run/lock.ts";
import type { VerbOf } from "../verb.ts";

/**
 * What a driver that may not commit any more still has to say about an effect it performed (D12): a CONFIRMED settles what
 * is not settled, because money may have moved; after another outcome stands it is a conflict. Under the lease of a
 * cancelled run the other outcomes of a PENDING effect are taken too. Without it a FAILED is journaled and changes
 * nothing, and a lost acknowledgement is nothing new. The same outcome said twice is one.
 */
export const recordLateOutcome: VerbOf<typeof store.recordLateOutcome> = (model, { runId, effectId, key, outcome, lease }) => {
  const { run, effect } = lockEffect(model, effectId);
  const isHeld = lease !== undefined && isLeftBy(run, lease);
  const by = isHeld ? "driver" : "late";
  const isTaken = isHeld && effect.status === "PENDING";
  switch (outcome.status) {
    case "unknown":
      if (isTaken) loseEffect(model, run, effect, outcome);
      return;
    case "failed": {
      const { error, reason } = outcome;
      if (isTaken) return settleEffect(model, run, effect, outcome, { by, ...(reason !== undefined && { reason }) });
      if (standsFailed(model, effect, error) || isSaid(model, effect, "late_failure", { error })) return;
      append(model, { runId, happenings: [{ kind: "effect", verb: "late_failure", payload: { effectId, key, error } }] });
      return;
    }
    case "confirmed": {
      const { result } = outcome;
      if (!effectMachine.ended.includes(effect.status)) return settleEffect(model, run, effect, outcome, { by });
      // What was only read contradicts nothing that was done.
      if (effect.semantics === "OBSERVE_ONLY" || standsConfirmed(model, effect, result) || isSaid(model, effect, "conflict", { result })) return;
      return contradictEffect(model, run, effect, outcome, by);
    }
  }
};

interface Told {
  result?: unknown;
  error?: unknown;
}

/** Was this reported before? */
function isSaid(model: Model, { runId, id }: EffectRow, verb: "late_failure" | "conflict", said: Told): boolean {
  const isSame = ({ result, error }: Told) => isEqual([result, error], [said.result, said.error]);
  return model.journals.get(runId)!.some((entry) => entry.kind === "effect" && entry.ref === id && entry.verb === verb && isSame(entry.payload as Told));
}

function standsConfirmed(model: Model, effect: EffectRow, result: unknown): boolean {
  return effect.status === "CONFIRMED" && isEqual(recordedOf(model, effect).result, result);
}

function standsFailed(model: Model, effect: EffectRow, error: RecordedError): boolean {
  return effect.status === "FAILED" && isEqual(recordedOf(model, effect).error, error);
}

function recordedOf(model: Model, { runId, outcomeSeq }: EffectRow): Told {
  return model.journals.get(runId)![outcomeSeq! - 1]!.payload as Told;
}

/** The same JSON: nothing is null. */
function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify([one]) === JSON.stringify([other]);
}
