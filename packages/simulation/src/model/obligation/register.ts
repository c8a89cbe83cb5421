import { newId, type Happening } from "@tape/core";
import type { NewObligation } from "@tape/store";
import { requestOf } from "../effect/row.ts";
import { keyOf, type EffectRow, type Model, type ObligationRow } from "../model.ts";
import { plain } from "../text.ts";

/** What this effect owes once it is confirmed with `result`, by the compensator that its intent named; undefined without one. */
export function obligationOf(model: Model, effect: EffectRow, result: unknown, externalRef = effect.externalRef): NewObligation | undefined {
  if (effect.compensator === null) return undefined;
  return {
    id: newId("obl"),
    compensator: effect.compensator,
    payload: JSON.stringify({ input: requestOf(model, effect), result: result ?? null, ...(externalRef !== null && { externalRef }) }),
    ...(effect.connector !== null && { connector: effect.connector }),
  };
}

export interface OwedFor {
  effect: Pick<EffectRow, "id" | "runId" | "key">;
  /** The number of the entry that says that it was done: its place in the walk. */
  position: number;
  /** `conflict`: it was done although another outcome stands; `duplicate`: it was done once too often. */
  reason: ObligationRow["reason"];
}

/** Registers it, dormant. Its entry is {@link registeredEntry}. */
export function registerObligation(model: Model, owed: NewObligation, { effect, position, reason }: OwedFor): ObligationRow {
  const obligation: ObligationRow = {
    id: owed.id,
    runId: effect.runId,
    effectId: effect.id,
    effectKey: effect.key,
    position,
    kind: owed.compensator,
    connector: owed.connector ?? null,
    reason,
    status: "REGISTERED",
    payload: owed.payload,
    summary: owed.summary === undefined ? null : plain(owed.summary),
    attempts: 0,
    nextAttemptAt: null,
    lastError: null,
    createdAt: model.now,
    settledAt: null,
    claim: null,
    claimExpiresAt: null,
  };
  model.obligations.set(keyOf(obligation.runId, obligation.id), obligation);
  return obligation;
}

export function registeredEntry(
  { id, compensator, summary }: NewObligation,
  { effect, reason }: { effect: Pick<EffectRow, "id">; reason: ObligationRow["reason"] },
): Happening {
  return { kind: "obligation", verb: "registered", payload: { obligationId: id, effectId: effect.id, compensator, summary, reason } };
}
