import { count, formatMoney, type GateDisplay } from "@tape/core";
import { toCents, totals as totalsOf, type Money } from "../money/cents.ts";
import type { Payment, Problem } from "../payments/payment.ts";
import type { PaymentFile } from "../payments/read.ts";
import type { Plan } from "../model/plan.ts";
import { MOST_PROBLEMS, sayTotals } from "./read-file.ts";
import { approvalMs, tape } from "./treasury.ts";

/** How many payments a card lists, the largest first; the rest is counted and summed. */
const MOST_PAYMENTS = 1000;

/** What the approver decides on. The decision is bound to it: `sha256` is of the file that is paid. */
export interface BatchCard {
  file: string;
  sha256: string;
  count: number;
  totals: Money[];
  /** The one total, when there is only one currency. */
  total: Money | null;
  limit: Money;
  payments: CardRow[];
  /** What the list leaves out. */
  more: { count: number; totals: Money[] } | null;
  /** The plan's remarks, a line each. */
  notes: string;
  rationale: string;
  refusedRows: number;
  refused: Problem[];
}

interface CardRow {
  creditor: string;
  reference: string;
  iban: string;
  amount: Money;
}

export interface CardSource {
  file: string;
  sha256: string;
  reading: PaymentFile;
  /** In the order in which they are paid. */
  payments: readonly Payment[];
  plan: Plan;
  limit: Money;
}

export function cardOf({ file, sha256, reading, payments, plan, limit }: CardSource): BatchCard {
  const listed = payments.length > MOST_PAYMENTS ? new Set([...payments].sort(largestFirst).slice(0, MOST_PAYMENTS)) : null;
  const shown = listed ? payments.filter((payment) => listed.has(payment)) : payments;
  const left = listed ? payments.filter((payment) => !listed.has(payment)) : [];
  const [only, ...others] = reading.totals;
  return {
    file,
    sha256,
    count: payments.length,
    totals: reading.totals,
    total: only !== undefined && others.length === 0 ? only : null,
    limit,
    payments: shown.map(({ creditor, reference, iban, amount }) => ({ creditor, reference, iban, amount })),
    more: left.length > 0 ? { count: left.length, totals: sumsOf(left) } : null,
    notes: plan.notes.join("\n"),
    rationale: plan.rationale,
    refusedRows: reading.rejectedRows,
    refused: reading.problems.slice(0, MOST_PROBLEMS),
  };
}

/** The words of the card. Pure: the same card reads the same. `onExpiry`: what follows when nobody decides. */
export function displayOf(card: BatchCard, onExpiry?: string): GateDisplay {
  const { more, refusedRows, totals, total, notes } = card;
  const invoices = count(card.count, "invoice");
  const fields: GateDisplay["fields"] = [
    ...(total ? [{ label: "Total", path: "total", as: "money" as const }] : totals.map(({ currency }, place) => ({ label: `Total ${currency}`, path: `totals.${place}`, as: "money" as const }))),
    { label: more ? `The ${card.payments.length} largest payments` : "Payments", path: "payments", as: "table" },
    ...(more ? [{ label: `And ${count(more.count, "smaller one")}`, path: "more.totals", as: "table" as const }] : []),
    ...(notes === "" ? [] : [{ label: "To look at", path: "notes", as: "text" as const }]),
    ...(refusedRows === 0 ? [] : [{ label: `Not paid: ${count(refusedRows, "row")} of the file`, path: "refused", as: "table" as const }]),
    { label: "Order", path: "rationale", as: "text" },
    { label: "Limit without approval", path: "limit", as: "money" },
    { label: "File", path: "file", as: "text" },
  ];
  return {
    title: `Pay ${invoices}, ${sayTotals(totals)}`,
    question: `${card.file} asks to pay ${invoices}. ${whyAsked(card)} Shall the bank be told to pay?`,
    fields,
    onApprove: `${count(card.count, "wire")} to the bank, one after the other. What is booked can be reversed by compensating the run.`,
    onReject: "Nothing is paid, and the run ends with your comment.",
    onExpiry,
  };
}

function whyAsked({ totals, limit }: BatchCard): string {
  const foreign = totals.filter(({ currency }) => currency !== limit.currency);
  if (foreign.length > 0) return `${sayTotals(foreign)} cannot be measured by the limit of ${formatMoney(limit)}.`;
  return `The total is over the limit of ${formatMoney(limit)}.`;
}

/** A sum in another currency than the limit's cannot be compared with it, so people are asked. */
export function needsApproval(totals: readonly Money[], limit: Money): boolean {
  return totals.some((total) => total.currency !== limit.currency || toCents(total) > toCents(limit));
}

/** Ten times the limit, or another currency, is a high risk. */
function riskOf({ totals, limit }: BatchCard): "medium" | "high" {
  return totals.some((total) => total.currency !== limit.currency || toCents(total) > 10n * toCents(limit)) ? "high" : "medium";
}

/** Asks the backup approver the same, without a deadline. */
export const backupApproval = tape.gateTool<BatchCard>("backup-approval", { risk: riskOf, display: (card) => displayOf(card), onReject: "return" });

/** Asks the CFO for a while, then the backup approver. A rejection by either comes back as the decision. */
export const cfoApproval = tape.gateTool<BatchCard>("cfo-approval", {
  risk: riskOf,
  display: (card) => displayOf(card, "The backup approver is asked."),
  onReject: "return",
  timeoutMs: approvalMs,
  onTimeout: backupApproval,
});

function largestFirst(a: Payment, b: Payment): number {
  const difference = toCents(b.amount) - toCents(a.amount);
  return difference === 0n ? a.line - b.line : difference > 0n ? 1 : -1;
}

function sumsOf(payments: readonly Payment[]): Money[] {
  return totalsOf(payments.map(({ amount }) => amount));
}
