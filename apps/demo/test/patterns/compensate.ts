import { bank, tape, type Invoice } from "./stand-ins.ts";

// #region
const pay = tape.effect<Invoice, { ref: string }>(
  "pay",
  {
    compensate: {
      summary: ({ ref }, { to, amount }) => `Call back ${ref}: ${amount} EUR from ${to}`,
      amount: (_result, { amount }) => ({ amount, currency: "EUR" }), // summed in the plan
      run: (ctx, { result }) => bank.callBack(result.ref, { idempotencyKey: ctx.key, signal: ctx.signal }),
    },
  },
  (ctx, invoice) => bank.send(invoice, { idempotencyKey: ctx.key, signal: ctx.signal }),
);

export async function undo(runId: string): Promise<void> {
  await tape.cancelRun(runId, { reason: "wrong file" }); // no further model or tool call; what was done stays done
  await tape.compensateRun(runId, { reason: "wrong file" }); // undone newest first, as soon as nothing is open any more
}
// #endregion

export const payAll = tape.agent<Invoice[], string>("pay-all", async (run, invoices) => {
  for (const invoice of invoices) await pay(run, invoice);
  await run.sleep(60 * 60_000);
  return "paid";
});
