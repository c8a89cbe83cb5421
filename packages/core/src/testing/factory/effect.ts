import type { Entry } from "../../entry/index.ts";
import type { Decision, Effect, Obligation } from "../../wire/effect.ts";
import { at, testId } from "../fixed.ts";
import { journalOf } from "../journal/index.ts";
import { decisionsOf, effectsOf, obligationsOf } from "../world/effects.ts";
import { worst } from "../worst.ts";

function pick<T>(rows: readonly T[], place: number): T {
  const row = rows.at(place);
  if (row === undefined) throw new Error("the journal of this factory is too short");
  return row;
}

function effectFrom(journal: () => Entry[], place: number, changes: Partial<Effect> = {}) {
  return (overrides: Partial<Effect> = {}): Effect => ({ ...pick(effectsOf(journal()), place), ...changes, ...overrides });
}

/** One effect in every state, as `GET /effects` answers it. */
export const effectFactory = {
  pending: effectFrom(() => journalOf.payBatch({ until: "paying" }), -1),
  outboxPending: effectFrom(() => journalOf.payBatch({ until: "paying" }), -1, { dispatch: "OUTBOX", semantics: "NON_IDEMPOTENT" }),
  confirmed: effectFrom(() => journalOf.payBatch(), -1),
  read: effectFrom(() => journalOf.payBatch(), 0),
  failed: effectFrom(() => journalOf.payBatch({ until: "paying" }), -1, {
    status: "FAILED",
    error: { name: "BankRefused", message: "insufficient funds on the operating account", code: "AM04" },
    settledAt: at(20_000),
  }),
  /** The reconciler asks again at `nextCheckAt`. */
  unknown: effectFrom(() => journalOf.payBatch({ until: "unknown" }), -1, { checks: 1, nextCheckAt: at(12_000_000) }),
  /** Only a person can settle it. */
  unknownForPerson: effectFrom(() => journalOf.payBatch({ until: "unknown" }), -1, {
    dispatch: "OUTBOX",
    semantics: "NON_IDEMPOTENT",
    checks: 9,
    needsPerson: true,
    error: { name: "AckLost", message: "absent at counterparty" },
  }),
} as const;

function obligationFrom(journal: () => Entry[], place: number, changes: Partial<Obligation> = {}) {
  return (overrides: Partial<Obligation> = {}): Obligation => ({ ...pick(obligationsOf(journal()), place), ...changes, ...overrides });
}

/** One obligation in every state. */
export const obligationFactory = {
  registered: obligationFrom(() => journalOf.payBatch(), -1),
  pending: obligationFrom(() => journalOf.payBatch(), -1, { status: "PENDING" }),
  retrying: obligationFrom(() => journalOf.payBatch(), -1, { status: "PENDING", attempts: 2, lastError: "the bank is closing its books" }),
  compensated: obligationFrom(() => journalOf.compensated(), -1),
  stuck: obligationFrom(() => journalOf.compensated({ stuckAt: 1 }), -1),
  waived: obligationFrom(() => journalOf.payBatch(), -1, { status: "WAIVED" }),
} as const;

export const decisionFactory = {
  answered: (overrides: Partial<Decision> = {}): Decision => ({ ...pick(decisionsOf(journalOf.payBatch()), 0), ...overrides }),
  asked: (overrides: Partial<Decision> = {}): Decision => ({ ...pick(decisionsOf(journalOf.payBatch({ until: "deciding" })), 0), ...overrides }),
} as const;

/** The five worst rows of the effects list and of the desk for unknown ones. */
export function worstEffects(): Effect[] {
  const rows = [
    effectFactory.unknownForPerson({ tool: worst.longName, key: `${testId("run", 900)}/${worst.longName}/d999/${worst.longName}/50000`, businessKey: worst.longName, summary: worst.longWords }),
    effectFactory.confirmed({ request: { amount: worst.money, to: worst.rightToLeft }, summary: `Wired 99,999,999,999,999.99 EUR to ${worst.rightToLeft}` }),
    effectFactory.failed({ request: worst.payload, error: { name: "Error", message: worst.html, stack: worst.hugeText } }),
    effectFactory.pending({ request: null, summary: null, businessKey: null, tool: "x", attempts: 99_999 }),
    effectFactory.unknown({ summary: worst.html, request: { text: worst.hugeText }, checks: 12_345 }),
  ];
  return rows.map((effect, n) => ({ ...effect, id: testId("eff", 900 + n) }));
}

/** The five worst rows of a compensation plan. */
export function worstObligations(): Obligation[] {
  const rows = [
    obligationFactory.stuck({ kind: worst.longName, summary: worst.longWords, lastError: worst.html }),
    obligationFactory.registered({ summary: `Recall 99,999,999,999,999.99 EUR from ${worst.rightToLeft}` }),
    obligationFactory.retrying({ payload: worst.payload, lastError: worst.hugeText }),
    obligationFactory.waived({ summary: null, kind: "x", payload: null }),
    obligationFactory.pending({ summary: worst.html, attempts: 4 }),
  ];
  return rows.map((obligation, n) => ({ ...obligation, id: testId("obl", 900 + n) }));
}
