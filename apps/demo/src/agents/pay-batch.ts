import type { Run } from "@tape/sdk";
import { z } from "zod";
import { money, type Money } from "../money/cents.ts";
import { askForPlan, inOrderOf, plan as planSchema } from "../model/plan.ts";
import { planner } from "../model/planner.ts";
import type { Payment } from "../payments/payment.ts";
import { cardOf, cfoApproval, needsApproval } from "./approval.ts";
import { digestOf, fileNameOf, readFile } from "./read-file.ts";
import { beginReport, type PayBatchReport } from "./report.ts";
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

/** Pays a file of invoices: reads it, plans it, asks above the limit, and wires what was approved, with a bar that moves. */
export const payBatch = tape.agent<PayBatchInput, PayBatchReport>("pay-batch", { title: "Pay a batch of invoices", version: "2", input: payBatchInput }, async (run, input) => {
  const reading = await readFile(run, input);
  const report = beginReport(reading);
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
    if (decision.outcome === "rejected") return report.rejected(decision);
  }

  await publish(run, { done: 0, total: payments.length });
  for (const [done, payment] of payments.entries()) {
    const paid = await pay(run, payment, input.delayMs);
    if ("receipt" in paid) report.paid(payment);
    else report.unpaid(payment, paid.reason);
    await publish(run, { done: done + 1, total: payments.length, label: payment.creditor });
  }
  return report.end();
});

/** The bar on every screen that shows the run. */
async function publish(run: Run, progress: { done: number; total: number; label?: string }): Promise<void> {
  await tape.setValue(`runs/${run.id}`, "progress", progress);
}

/** What the bank, or a person who settled a wire by hand, may say of one payment; anything else ends the run. */
const ABOUT_ONE_PAYMENT = new Set(["BankRefused", "BankAway", "EffectFailed"]);

/** One payment that fails must not leave the others half done: it is reported, and the batch goes on. */
async function pay(run: Run, { creditor, iban, amount, reference }: Payment, delayMs = 0): Promise<{ receipt: WireReceipt } | { reason: string }> {
  try {
    return { receipt: await wire(run, { creditor, iban, amount, reference, ...(delayMs > 0 && { delayMs }) }) };
  } catch (error) {
    if (error instanceof Error && ABOUT_ONE_PAYMENT.has(error.name)) return { reason: error.message };
    throw error;
  }
}
