import { bank, llm, type Invoice } from "./stand-ins.ts";

// #region
// tape.config.ts
import { createTape, defineConfig } from "@tape/sdk";

const tape = createTape({ app: "treasury" });

const wire = tape.effect<{ to: string; amount: string }, { ref: string }>(
  "wire",
  { summary: ({ to, amount }) => `Wire ${amount} EUR to ${to}`, retry: { attempts: 5 } },
  // The key names this payment over every crash: the bank books it once.
  (ctx, payment) => bank.send(payment, { idempotencyKey: ctx.key, signal: ctx.signal }),
);

const cfo = tape.gateTool<{ total: string }>("cfo-approval", {
  display: ({ total }) => ({ title: `Pay ${total} EUR`, onApprove: "The bank is told to pay.", onReject: "Nothing is paid." }),
});

export const sweep = tape.agent<{ invoices: Invoice[] }, string[]>("sweep", async (run, { invoices }) => {
  const plan = await run.decide("plan", { model: "your-model", request: invoices }, () => llm(invoices));
  await cfo(run, { total: plan.total }); // waits for days, in no process's memory; returns only on approval
  const paid = await Promise.all(plan.payments.map((payment) => wire(run, payment)));
  return paid.map(({ ref }) => ref);
});

export default defineConfig({ tape, agents: [sweep] });
// #endregion
