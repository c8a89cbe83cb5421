import { awaitSignal, type Run } from "@tape/sdk";
import { DAY, post, tape, type Invoice } from "./stand-ins.ts";

// #region
export const chase = tape.agent<Invoice, string>("chase", async (run, invoice) => {
  await tape.setTimer(run, "soft-deadline", { kind: "redrive", inMs: 30 * DAY, payload: { giveUp: `${invoice.to} never paid` } });
  await remind(run, invoice);
  return awaitSignal<string>(run, "paid"); // the timer ends with the run
});

tape.onTimer("redrive", async ({ runId, payload }) => {
  const { giveUp } = (payload ?? {}) as { giveUp?: string };
  if (giveUp) await tape.cancelRun(runId, { reason: giveUp }); // without it, the run is only driven again
});
// #endregion

const letter = tape.effect<Invoice, unknown>("remind", (ctx, { to, amount }) => post.send(to, `${amount} EUR are open`, { idempotencyKey: ctx.key }));

function remind(run: Run, invoice: Invoice): Promise<unknown> {
  return letter(run, invoice);
}
