import { newId, type Happening } from "@tape/core";
import type { NewObligation } from "../driver/record.ts";
import { plain } from "../driver/commit/plain.ts";
import { requestOf, type EffectRow } from "../effect/row.ts";
import type { Tx } from "../transaction.ts";

/** What this effect owes once it is confirmed with `result`, by the compensator that its intent named; undefined without one. */
export function obligationOf(effect: EffectRow, result: unknown, externalRef = effect.externalRef): NewObligation | undefined {
  if (effect.compensator === null) return undefined;
  return {
    id: newId("obl"),
    compensator: effect.compensator,
    payload: JSON.stringify({ input: requestOf(effect), result: result ?? null, ...(externalRef !== null && { externalRef }) }),
    ...(effect.connector !== null && { connector: effect.connector }),
  };
}

export interface OwedFor {
  effect: EffectRow;
  /** The seq of what says that it was done: its place in the walk. */
  position: number;
  /** `conflict`: it was done although another outcome stands; `duplicate`: it was done once too often. */
  reason: "confirmed" | "conflict" | "duplicate";
  /** It is to be undone at once, by no walk. */
  isArmed?: boolean;
}

/** Registers it, dormant. Its entry is {@link registeredEntry}, in the same transaction. */
export async function registerObligation(tx: Tx, owed: NewObligation, { effect, position, reason, isArmed = false }: OwedFor): Promise<void> {
  await tx.query(
    `INSERT INTO tape.obligations (id, run_id, effect_id, effect_key, position, kind, connector, reason, status, payload, summary, next_attempt_at, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $11 THEN 'PENDING' ELSE 'REGISTERED' END, $9, $10, CASE WHEN $11 THEN tape.now() END, tape.now())`,
    [owed.id, effect.runId, effect.id, effect.key, position, owed.compensator, owed.connector ?? null, reason, owed.payload, owed.summary === undefined ? null : plain(owed.summary), isArmed],
  );
}

export function registeredEntry({ id, compensator, summary }: NewObligation, { effect, reason }: Pick<OwedFor, "effect" | "reason">): Happening {
  return { kind: "obligation", verb: "registered", payload: { obligationId: id, effectId: effect.id, compensator, summary, reason } };
}
