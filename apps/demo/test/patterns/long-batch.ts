import { heartbeat } from "@tape/sdk";
import { bank, tape, type Invoice } from "./stand-ins.ts";

// #region
const importAll = tape.effect<Invoice[], number>("import-all", async (ctx, invoices) => {
  for (const [done, invoice] of invoices.entries()) {
    await heartbeat(ctx); // keeps the lease; throws LeaseLost once another worker drives the run
    await bank.send(invoice, { idempotencyKey: `${ctx.key}/${done}`, signal: ctx.signal });
    await tape.setValue(`runs/${ctx.runId}`, "progress", { done: done + 1, total: invoices.length, label: invoice.to });
  }
  return invoices.length;
});
// #endregion

export const importer = tape.agent<Invoice[], number>("importer", (run, invoices) => importAll(run, invoices));
