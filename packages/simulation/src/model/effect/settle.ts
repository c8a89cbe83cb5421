import type { Happening, RecordedError, SettledBy } from "@tape/core";
import type { NewObligation } from "@tape/store";
import { append } from "../append.ts";
import type { EffectRow, Model, RunRow } from "../model.ts";
import { obligationOf, registeredEntry, registerObligation } from "../obligation/register.ts";
import { wakeIf } from "../run/lock.ts";
import { plain } from "../text.ts";
import { freeBusinessKey } from "./business-key.ts";
import { dropClaim } from "./lock.ts";

export interface Settlement {
  by: SettledBy;
  actor?: string;
  reason?: string;
}

export type Outcome =
  | { status: "confirmed"; result: unknown; notStorable?: string; externalRef?: string; summary?: string; obligation?: NewObligation }
  | { status: "failed"; error: RecordedError };

/**
 * Gives an unsettled effect its outcome, said by somebody else than its driver. What is CONFIRMED registers what it owes
 * in the same moment; what is FAILED gives its business key back. The run is woken if it waits for this.
 */
export function settleEffect(model: Model, run: RunRow, effect: EffectRow, outcome: Outcome, settlement: Settlement): void {
  const owed = outcome.status === "confirmed" ? (outcome.obligation ?? obligationOf(model, effect, outcome.result, outcome.externalRef)) : undefined;
  const { firstSeq } = append(model, {
    runId: run.id,
    happenings: [entryOf(effect, outcome, settlement), ...(owed ? [registeredEntry(owed, { effect, reason: "confirmed" })] : [])],
    inbox: 1,
    foreignOutcomes: 1,
    openEffects: -1,
    ...wakeIf(run, (wait) => wait.on === "effect" && wait.effectId === effect.id),
  });
  effect.status = outcome.status === "confirmed" ? "CONFIRMED" : "FAILED";
  effect.outcomeSeq = firstSeq;
  effect.settledAt = model.now;
  effect.unknownSince = effect.nextCheckAt = effect.dueAt = effect.inFlightAt = null;
  effect.needsPerson = false;
  dropClaim(effect);
  if (outcome.status === "confirmed") {
    if (outcome.externalRef !== undefined) effect.externalRef = plain(outcome.externalRef);
    if (outcome.summary !== undefined) effect.summary = plain(outcome.summary);
  } else {
    freeBusinessKey(model, effect);
  }
  if (owed) registerObligation(model, owed, { effect, position: firstSeq, reason: "confirmed" });
}

function entryOf({ id, key }: EffectRow, outcome: Outcome, settlement: Settlement): Happening {
  const step = { effectId: id, key, ...settlement };
  if (outcome.status === "failed") return { kind: "effect", verb: "failed", payload: { ...step, error: outcome.error } };
  const { result, notStorable, externalRef, summary } = outcome;
  return { kind: "effect", verb: "confirmed", payload: { ...step, result: result ?? null, notStorable, externalRef, summary } };
}
