import type { Run } from "@tape/sdk";
import { z } from "zod";
import { money, toMoney, totals, type Money } from "../money/cents.ts";
import { askForPlan, inOrderOf, plan as planSchema } from "../model/plan.ts";
import { planner } from "../model/planner.ts";
import type { Payment, Problem } from "../payments/payment.ts";
import { cardOf, cfoApproval, needsApproval } from "./approval.ts";
import { digestOf, fileNameOf, MOST_PROBLEMS, readFile } from "./read-file.ts";
import { tape } from "./treasury.ts";
import { wire, type WireReceipt } from "./wire.ts";

/** What may be paid without asking anybody. */
export const DEFAULT_LIMIT: Money = { amount: "10000.00", currency: "EUR" };

export const payBatchInput = z.strictObject({
  csv: z.string().min(1, "is empty").meta({ title: "Payments", description: "A CSV with creditor, iban, amount, currency and reference.", format: "csv" }),
  file: z.string().max(200).optional().meta({ title: "File name" }),
  limit: money.optional().meta({ title: "Limit", description: "Above it the CFO is asked. 10,000.00 EUR when left out." }),
  delayMs: z.int().min(0).max(60_000).optional().meta({ title: "Pause", description: "Milliseconds before each wire, for a batch one can watch." }),
});
export type PayBatchInput = z.infer<typeof payBatchInput>;

/** How a batch ended. `rejected`: by the approver. `refused` and `unpaid` name every row that was not paid. */
export interface PayBatchReport {
  outcome: "paid" | "partly_paid" | "nothing_paid" | "rejected";
  paid: number;
  /** What was paid, when it is one currency or nothing; `totals` has it by currency. */
  total: Money | null;
  totals: Money[];
  /** Rows of the file that could not be read as payments. */
  rejected: Problem[];
  rejectedRows: number;
  /** Payments that the bank refused, or that did not get through. */
  unpaid: { line: number; creditor: string; amount: Money; reason: string }[];
  decidedBy?: string;
  comment?: string;
}

/** Pays a file of invoices: reads it, plans it, asks above the limit, and wires what was approved. */
export const payBatch = tape.agent<PayBatchInput, PayBatchReport>("pay-batch", { title: "Pay a batch of invoices", version: "1", input: payBatchInput }, async (run, input) => {
  const reading = await readFile(run, input);
  const report = startReport(reading.problems, reading.rejectedRows);
  if (reading.payments.length === 0) return report.end();

  const request = askForPlan(reading.payments, reading.rejectedRows);
  const answer = await run.decide(
    "plan",
    { model: planner.name, request, read: ({ usage, content }) => ({ usage, rationale: content.rationale }) },
    () => planner.complete(request),
  );
  const plan = planSchema.parse(answer.content);
  const payments = inOrderOf(plan, reading.payments);

  const limit = input.limit ?? DEFAULT_LIMIT;
  if (needsApproval(reading.totals, limit)) {
    const card = cardOf({ file: fileNameOf(input), sha256: digestOf(input.csv), reading, payments, plan, limit });
    const decision = await cfoApproval(run, card);
    if (decision.outcome === "rejected") return report.rejectedBy(decision.decidedBy, decision.comment);
  }

  for (const payment of payments) {
    const paid = await pay(run, payment, input.delayMs);
    if ("receipt" in paid) report.paid(payment);
    else report.unpaid(payment, paid.reason);
  }
  return report.end();
});

/** What the bank may say that concerns one payment; anything else ends the run. */
const ABOUT_ONE_PAYMENT = new Set(["BankRefused", "BankAway"]);

/** One payment that fails must not leave the others half done: it is reported, and the batch goes on. */
async function pay(run: Run, { creditor, iban, amount, reference }: Payment, delayMs = 0): Promise<{ receipt: WireReceipt } | { reason: string }> {
  try {
    return { receipt: await wire(run, { creditor, iban, amount, reference, ...(delayMs > 0 && { delayMs }) }) };
  } catch (error) {
    if (error instanceof Error && ABOUT_ONE_PAYMENT.has(error.name)) return { reason: error.message };
    throw error;
  }
}

function startReport(problems: readonly Problem[], rejectedRows: number) {
  const amounts: Money[] = [];
  const unpaid: PayBatchReport["unpaid"] = [];
  const make = (outcome: PayBatchReport["outcome"]): PayBatchReport => {
    const sums = totals(amounts);
    const total = sums.length === 1 ? sums[0] : sums.length === 0 ? toMoney(0n, "EUR") : null;
    return { outcome, paid: amounts.length, total: total ?? null, totals: sums, rejected: problems.slice(0, MOST_PROBLEMS), rejectedRows, unpaid };
  };
  return {
    paid: ({ amount }: Payment) => void amounts.push(amount),
    unpaid: ({ line, creditor, amount }: Payment, reason: string) => void unpaid.push({ line, creditor, amount, reason }),
    end: () => make(amounts.length === 0 ? "nothing_paid" : unpaid.length > 0 || rejectedRows > 0 ? "partly_paid" : "paid"),
    rejectedBy: (decidedBy: string | null, comment: string | null) => ({ ...make("rejected"), ...(decidedBy && { decidedBy }), ...(comment && { comment }) }),
  };
}
