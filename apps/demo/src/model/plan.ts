import { z } from "zod";
import { money, toCents, totals, type Money } from "../money/cents.ts";
import type { Payment } from "../payments/payment.ts";
import { bySize, byText, groupBy } from "./group.ts";

/** Payments that go together: one country of account, one currency. `DE EUR`. */
const group = z.object({ key: z.string(), payments: z.int(), total: z.object({ amount: z.string(), currency: money.shape.currency }) });

const standout = z.object({ line: z.int(), creditor: z.string(), amount: money });
const repeated = z.object({ creditor: z.string(), payments: z.int() });
const shared = z.object({ iban: z.string(), creditors: z.array(z.string()) });

/** What the model is asked. Figures and standouts, not the whole file: the request stays small however long the batch is. */
export const planRequest = z.object({
  task: z.string(),
  payments: z.int(),
  rejectedRows: z.int(),
  groups: z.array(group),
  largest: z.array(standout),
  repeated: z.array(repeated),
  sharedAccounts: z.array(shared),
});
export type PlanRequest = z.infer<typeof planRequest>;

/** What it answers. A model's answer comes from outside, so it is checked like any input. */
export const plan = z.object({
  /** The keys of all groups, in the order in which they are paid. */
  order: z.array(z.string()),
  /** What an approver should know, a sentence each. */
  notes: z.array(z.string().min(1).max(300)).max(20),
  rationale: z.string().min(1).max(1000),
});
export type Plan = z.infer<typeof plan>;

const TASK = "Plan this payment batch: say in which order the groups are paid and why, and what an approver should look at.";
const MOST = 5;

export function groupKey({ iban, amount }: Payment): string {
  return `${iban.slice(0, 2)} ${amount.currency}`;
}

/** The question for a batch; the same batch makes the same question. */
export function askForPlan(payments: readonly Payment[], rejectedRows: number): PlanRequest {
  const byGroup = groupBy(payments, groupKey);
  const byCreditor = groupBy(payments, ({ creditor }) => creditor);
  const byAccount = groupBy(payments, ({ iban }) => iban);
  return {
    task: TASK,
    payments: payments.length,
    rejectedRows,
    groups: [...byGroup].map(([key, members]) => ({ key, payments: members.length, total: totalOf(members) })),
    largest: [...payments].sort(byAmount).slice(0, MOST).map(({ line, creditor, amount }) => ({ line, creditor, amount })),
    repeated: [...byCreditor]
      .filter(([, members]) => members.length > 1)
      .map(([creditor, members]) => ({ creditor, payments: members.length }))
      .sort((a, b) => b.payments - a.payments || byText(a.creditor, b.creditor))
      .slice(0, MOST),
    sharedAccounts: [...byAccount]
      .map(([iban, members]) => ({ iban, creditors: [...new Set(members.map(({ creditor }) => creditor))] }))
      .filter(({ creditors }) => creditors.length > 1)
      .slice(0, MOST),
  };
}

/** The plan does not fit the batch: the model left payments out, or invented some. */
export class PlanRefused extends Error {
  override readonly name = "PlanRefused";
}

/**
 * The payments in the order of the plan; within a group they keep the order of the file.
 *
 * @throws {PlanRefused} unless the plan names every group exactly once: a model may order payments, not drop or double them.
 */
export function inOrderOf({ order }: Plan, payments: readonly Payment[]): Payment[] {
  const groups = groupBy(payments, groupKey);
  const unknown = order.filter((key) => !groups.has(key));
  const missing = [...groups.keys()].filter((key) => !order.includes(key));
  if (unknown.length > 0 || missing.length > 0 || new Set(order).size !== order.length) {
    throw new PlanRefused(`The plan does not fit the batch: missing ${missing.join(", ") || "none"}, unknown ${unknown.join(", ") || "none"}, ${order.length} of ${groups.size} groups.`);
  }
  return order.flatMap((key) => groups.get(key) ?? []);
}

function totalOf(members: readonly Payment[]): Money {
  const [sum] = totals(members.map(({ amount }) => amount));
  if (sum === undefined) throw new Error("a group has members");
  return sum;
}

function byAmount(a: Payment, b: Payment): number {
  return bySize(toCents(b.amount), toCents(a.amount)) || a.line - b.line;
}
