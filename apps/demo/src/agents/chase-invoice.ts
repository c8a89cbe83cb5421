import { formatMoney, TapeError } from "@tape/core";
import { awaitSignal, SignalTimeout, type Run } from "@tape/sdk";
import { z } from "zod";
import { money, type Money } from "../money/cents.ts";
import { tape } from "./treasury.ts";

export const chaseInvoiceInput = z.strictObject({
  customer: z.string().min(1).max(70).meta({ title: "Customer" }),
  invoice: z.string().min(1).max(70).meta({ title: "Invoice" }),
  amount: money.meta({ title: "Amount" }),
  everyMs: z.int().min(100).max(86_400_000).default(60_000).meta({ title: "Remind every", description: "Milliseconds between two reminders." }),
  deadlineMs: z.int().min(100).max(30 * 86_400_000).default(5 * 60_000).meta({ title: "Give up after", description: "Milliseconds until the run is cancelled." }),
});
export type ChaseInvoiceInput = z.input<typeof chaseInvoiceInput>;

export interface ChaseInvoiceReport {
  title: string;
  reminders: number;
  paidBy: string | null;
}

/** The soft deadline's own mark in the payload of its timer: other timers of the kind `redrive` are left alone. */
const softDeadline = z.object({ softDeadline: z.string() });

/**
 * Reminds a customer until the signal `paid` comes. A timer of the kind `redrive` is the soft deadline: when it is due, its
 * handler cancels the run; when the money comes first, it is disarmed.
 */
export const chaseInvoice = tape.agent<z.output<typeof chaseInvoiceInput>, ChaseInvoiceReport>(
  "chase-invoice",
  { title: "Chase an unpaid invoice", version: "1", input: chaseInvoiceInput },
  async (run, { customer, invoice, amount, everyMs, deadlineMs }) => {
    const reason = `${customer} did not pay ${formatMoney(amount)} of ${invoice} in time`;
    await tape.setTimer(run, "soft-deadline", { kind: "redrive", inMs: deadlineMs, payload: { softDeadline: reason } });
    for (let reminders = 1; ; reminders++) {
      await remind(run, { customer, invoice, amount, number: reminders });
      const paid = await paidWithin(run, everyMs);
      if (paid === null) continue;
      await tape.cancelTimer(run, "soft-deadline");
      return { title: `${customer} paid ${formatMoney(amount)}`, reminders, paidBy: paid.by ?? null };
    }
  },
);

tape.onTimer("redrive", async ({ runId, payload }) => {
  const deadline = softDeadline.safeParse(payload);
  if (!deadline.success) return;
  try {
    await tape.cancelRun(runId, { reason: deadline.data.softDeadline });
  } catch (error) {
    // It ended a moment before, as it was meant to.
    if (!TapeError.is(error, "illegal_transition")) throw error;
  }
});

interface Reminder {
  customer: string;
  invoice: string;
  amount: Money;
  number: number;
}

/** Writes the letter. The demo has no post office, so its text is the result. */
const remind = tape.effect<Reminder, { letter: string }>(
  "remind",
  { summary: ({ customer, invoice, number }, letter) => `${letter ? "Reminded" : "Remind"} ${customer} of ${invoice}, letter ${number}` },
  (_ctx, { customer, invoice, amount, number }) => ({ letter: `Dear ${customer}, ${formatMoney(amount)} of ${invoice} is still open (reminder ${number}).` }),
);

/** What the signal `paid` brought, or null when it did not come. */
async function paidWithin(run: Run, timeoutMs: number): Promise<{ by?: string } | null> {
  try {
    return (await awaitSignal<{ by?: string } | null>(run, "paid", { timeoutMs })) ?? {};
  } catch (error) {
    if (error instanceof SignalTimeout) return null;
    throw error;
  }
}
