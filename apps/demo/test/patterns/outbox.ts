import { defineConnector } from "@tape/sdk";
import { clearing, tape, type Invoice } from "./stand-ins.ts";

// #region
const clearingHouse = defineConnector({
  name: "clearing",
  perSecond: 20,
  // What it throws may have happened. `failed` is final, `retry` was not sent and is tried again.
  dispatch: async (ctx, intent) => {
    const { ref } = await clearing.book(intent as Invoice, { key: ctx.key, signal: ctx.signal });
    return { status: "confirmed", result: { ref }, externalRef: ref };
  },
  // Asked when nobody knows, and when the outcome is still not known it is asked again.
  observe: async (ctx) => {
    const booked = await clearing.find(ctx.key);
    return booked === null ? { status: "absent" } : { status: "confirmed", result: booked, externalRef: booked.ref };
  },
  compensate: async (ctx, { externalRef }) => ({ status: "compensated", result: await clearing.cancel(externalRef, { key: ctx.key }) }),
});

const transfer = tape.outboxTool<Invoice, { ref: string }>(
  "transfer",
  { connector: clearingHouse, semantics: "NON_IDEMPOTENT", businessKey: ({ to, amount }) => `${to}/${amount}` },
  ({ to, amount }) => ({ to, amount }), // makes the intent and nothing else; the run commits it, a worker sends it
);

export const settle = tape.agent<Invoice, string>("settle", async (run, invoice) => {
  const { ref } = await transfer(run, invoice); // BusinessKeyTaken, with the runId to look at, when another run did it
  return ref;
});
// #endregion
