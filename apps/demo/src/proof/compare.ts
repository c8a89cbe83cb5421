import { count, formatMoney, type Effect, type Obligation } from "@tape/core";
import { isReversal, isSameWire, wireRequest, type LedgerLine, type Reversal, type Wire } from "../bank/wire.ts";
import { totals, type Money } from "../money/cents.ts";

export type DifferenceKind =
  | "not_in_ledger"
  | "not_in_journal"
  | "not_confirmed"
  | "other_content"
  | "other_reference"
  | "not_reversed"
  | "not_undone"
  | "unsettled";

/** One place where the ledger and the journal disagree. */
export interface Difference {
  kind: DifferenceKind;
  key: string;
  runId: string | null;
  says: string;
}

/** A line of the ledger, and what the journal says of it. */
export interface ProvenLine {
  id: string;
  key: string;
  runId: string | null;
  amount: Money;
  creditor: string;
  /** The wire it takes back. */
  reverses: string | null;
  journal: string;
}

export interface Proof {
  equal: boolean;
  /** Wires in the ledger, and wire effects that the journal calls CONFIRMED. */
  booked: number;
  confirmed: number;
  /** Reversals in the ledger, and obligations of wires that the journal calls COMPENSATED. */
  reversed: number;
  compensated: number;
  /** What was wired, and what came back. */
  totals: Money[];
  returned: Money[];
  lines: ProvenLine[];
  differences: Difference[];
}

type WireEffect = Pick<Effect, "id" | "runId" | "key" | "status" | "request" | "externalRef">;
type WireObligation = Pick<Obligation, "effectId" | "status">;

/** What the journal has of wires: every call of the tool, and every obligation they left. */
export interface JournalOfWires {
  effects: readonly WireEffect[];
  obligations: readonly WireObligation[];
}

/**
 * Holds the bank's ledger against the journal: every CONFIRMED wire is in the ledger once, for the same payment, every
 * COMPENSATED one is reversed once, and the ledger has nothing else. Pure. The journal was read between the two readings of
 * the ledger.
 */
export function compare({ before, after }: { before: readonly LedgerLine[]; after: readonly LedgerLine[] }, { effects, obligations }: JournalOfWires): Proof {
  const journal = new Journal(effects, obligations);
  const wires = before.filter((line): line is Wire => !isReversal(line));
  const reversals = before.filter(isReversal);
  const bookedBy = new Map(after.filter((line) => !isReversal(line)).map((wire) => [wire.key, wire]));
  const reversalOf = new Map(after.filter(isReversal).map((line) => [line.reverses, line]));
  const keyOf = new Map(after.map(({ id, key }) => [id, key]));

  const confirmed = effects.filter(({ status }) => status === "CONFIRMED");
  const compensated = confirmed.filter((effect) => journal.isUndone(effect));
  const differences = [
    ...confirmed.flatMap((effect) => inLedger(effect, bookedBy.get(effect.key))),
    ...compensated.flatMap((effect) => isReversed(effect, bookedBy.get(effect.key), reversalOf)),
    ...wires.flatMap((wire) => inJournal(wire, journal.of(wire.key))),
    ...reversals.flatMap((line) => undoneInJournal(line, journal, journal.of(keyOf.get(line.reverses)))),
  ];
  return {
    equal: differences.length === 0,
    booked: wires.length,
    confirmed: confirmed.length,
    reversed: reversals.length,
    compensated: compensated.length,
    totals: totals(wires.map(({ amount }) => amount)),
    returned: totals(reversals.map(({ amount }) => amount)),
    lines: before.map((line) => provenLine(line, journal, isReversal(line) ? keyOf.get(line.reverses) : line.key)),
    differences,
  };
}

class Journal {
  readonly #byKey: Map<string, WireEffect>;
  readonly #obligations = new Map<string, WireObligation["status"][]>();

  constructor(effects: readonly WireEffect[], obligations: readonly WireObligation[]) {
    this.#byKey = new Map(effects.map((effect) => [effect.key, effect]));
    for (const { effectId, status } of obligations) this.#obligations.set(effectId, [...(this.#obligations.get(effectId) ?? []), status]);
  }

  of(key: string | undefined): WireEffect | undefined {
    return key === undefined ? undefined : this.#byKey.get(key);
  }

  obligationsOf(effect: WireEffect): readonly WireObligation["status"][] {
    return this.#obligations.get(effect.id) ?? [];
  }

  isUndone(effect: WireEffect): boolean {
    return this.obligationsOf(effect).includes("COMPENSATED");
  }
}

function inLedger({ key, runId, request, externalRef }: WireEffect, wire: LedgerLine | undefined): Difference[] {
  const differs = (kind: DifferenceKind, says: string): Difference[] => [{ kind, key, runId, says }];
  if (wire === undefined) return differs("not_in_ledger", "the journal has it confirmed, the ledger does not have it");
  const { delayMs: _, ...payment } = request as Record<string, unknown>;
  const asked = wireRequest.safeParse(payment);
  if (!asked.success || !isSameWire(wire, asked.data)) return differs("other_content", `${wire.id} pays something else than the journal asked for: ${sayLine(wire)}`);
  if (externalRef !== null && externalRef !== wire.id) return differs("other_reference", `the journal calls it ${externalRef}, the ledger ${wire.id}`);
  return [];
}

function isReversed({ key, runId }: WireEffect, wire: LedgerLine | undefined, reversalOf: ReadonlyMap<string, Reversal>): Difference[] {
  if (wire === undefined || reversalOf.has(wire.id)) return [];
  return [{ kind: "not_reversed", key, runId, says: `the journal has it undone, the ledger has no reversal of ${wire.id}` }];
}

function inJournal(wire: Wire, effect: WireEffect | undefined): Difference[] {
  const differs = (kind: DifferenceKind, says: string): Difference[] => [{ kind, key: wire.key, runId: effect?.runId ?? null, says: `${wire.id}, ${sayLine(wire)}: ${says}` }];
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

function undoneInJournal(line: Reversal, journal: Journal, effect: WireEffect | undefined): Difference[] {
  const differs = (kind: DifferenceKind, says: string): Difference[] => [{ kind, key: line.key, runId: effect?.runId ?? null, says: `${line.id}, ${sayLine(line)} taken back: ${says}` }];
  if (effect === undefined) return differs("not_in_journal", "the ledger has the reversal, the journal does not know its wire");
  if (journal.isUndone(effect)) return [];
  if (journal.obligationsOf(effect).includes("PENDING")) return differs("unsettled", "reversed, and still being undone in the journal: look again when it is");
  return differs("not_undone", "reversed, and the journal does not have it undone");
}

function provenLine(line: LedgerLine, journal: Journal, wireKey: string | undefined): ProvenLine {
  const { id, key, amount, creditor } = line;
  const effect = journal.of(wireKey);
  const reverses = isReversal(line) ? line.reverses : null;
  const says = effect === undefined ? "unknown" : reverses === null ? effect.status.toLowerCase() : journal.isUndone(effect) ? "undone" : "not undone";
  return { id, key, runId: effect?.runId ?? null, amount, creditor, reverses, journal: says };
}

/** The proof in one sentence. */
export function sayProof({ equal, booked, confirmed, reversed, compensated, totals: wired, returned, differences }: Proof): string {
  const sum = (amounts: Money[]) => (amounts.length === 0 ? "" : `, ${amounts.map(formatMoney).join(" and ")}`);
  if (!equal) {
    const undone = reversed + compensated === 0 ? "" : `; ${reversed} reversed${sum(returned)}, ${compensated} undone`;
    return `The ledger differs from the journal in ${count(differences.length, "place")}: ${booked} booked${sum(wired)}, ${confirmed} confirmed${undone}.`;
  }
  const undone = reversed === 0 ? "" : `; ${count(reversed, "reversal")}${sum(returned)}, each of a wire that is undone`;
  return `The ledger equals the journal: ${count(booked, "wire")}${sum(wired)}, each booked once and confirmed${undone}.`;
}

function sayLine({ amount, creditor }: LedgerLine): string {
  return `${formatMoney(amount)} to ${creditor}`;
}
