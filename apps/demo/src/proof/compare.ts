import type { Effect } from "@tape/core";
import { formatMoney } from "@tape/core";
import { isSameWire, wireRequest, type Wire } from "../bank/wire.ts";
import { totals, type Money } from "../money/cents.ts";

export type DifferenceKind = "not_in_ledger" | "not_in_journal" | "not_confirmed" | "other_content" | "other_reference" | "unsettled";

/** One place where the ledger and the journal disagree. */
export interface Difference {
  kind: DifferenceKind;
  key: string;
  runId: string | null;
  says: string;
}

export interface Proof {
  equal: boolean;
  /** Wires in the ledger, and wire effects that the journal calls CONFIRMED. */
  booked: number;
  confirmed: number;
  totals: Money[];
  differences: Difference[];
}

type WireEffect = Pick<Effect, "runId" | "key" | "status" | "request" | "externalRef">;

/**
 * Holds the bank's ledger against the journal: every CONFIRMED wire is in the ledger once, for the same payment, and the
 * ledger has nothing else. Pure. `effects` are all wire effects, `ledger` was read before and after them.
 */
export function compare({ before, after }: { before: readonly Wire[]; after: readonly Wire[] }, effects: readonly WireEffect[]): Proof {
  const booked = new Map(after.map((wire) => [wire.key, wire]));
  const byKey = new Map(effects.map((effect) => [effect.key, effect]));
  const confirmed = effects.filter(({ status }) => status === "CONFIRMED");
  const differences = [
    ...confirmed.flatMap((effect) => inLedger(effect, booked.get(effect.key))),
    ...before.flatMap((wire) => inJournal(wire, byKey.get(wire.key))),
  ];
  return { equal: differences.length === 0, booked: before.length, confirmed: confirmed.length, totals: totals(before.map(({ amount }) => amount)), differences };
}

function inLedger({ key, runId, request, externalRef }: WireEffect, wire: Wire | undefined): Difference[] {
  const differs = (kind: DifferenceKind, says: string): Difference[] => [{ kind, key, runId, says }];
  if (wire === undefined) return differs("not_in_ledger", "the journal has it confirmed, the ledger does not have it");
  const { delayMs: _, ...payment } = request as Record<string, unknown>;
  const asked = wireRequest.safeParse(payment);
  if (!asked.success || !isSameWire(wire, asked.data)) return differs("other_content", `${wire.id} pays something else than the journal asked for: ${sayWire(wire)}`);
  if (externalRef !== null && externalRef !== wire.id) return differs("other_reference", `the journal calls it ${externalRef}, the ledger ${wire.id}`);
  return [];
}

function inJournal(wire: Wire, effect: WireEffect | undefined): Difference[] {
  const differs = (kind: DifferenceKind, says: string): Difference[] => [{ kind, key: wire.key, runId: effect?.runId ?? null, says: `${wire.id}, ${sayWire(wire)}: ${says}` }];
  if (effect === undefined) return differs("not_in_journal", "the ledger has it, the journal does not know it");
  switch (effect.status) {
    case "CONFIRMED":
      return [];
    case "FAILED":
      return differs("not_confirmed", "booked, and the journal says that it failed");
    case "PENDING":
    case "UNKNOWN":
      return differs("unsettled", `booked, and still ${effect.status} in the journal: look again when it is settled`);
  }
}

function sayWire({ amount, creditor }: Wire): string {
  return `${formatMoney(amount)} to ${creditor}`;
}
