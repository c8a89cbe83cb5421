import { defineConfig, webhookSink } from "@tape/sdk";
import { settle } from "./outbox.ts";
import { DAY, LEDGER_SECRET, LEDGER_URL, tape } from "./stand-ins.ts";

// #region
export default defineConfig({
  tape,
  agents: [settle],
  sinks: [webhookSink({ id: "ledger", url: LEDGER_URL, secret: LEDGER_SECRET, kinds: ["effect"] })],
  retention: {
    bodiesAfterMs: 30 * DAY, // inputs, outputs, requests and answers go; the lines of the journal stay
    runsAfterMs: { COMPLETED: 365 * DAY, CANCELLED: 90 * DAY }, // what is not named stays, and so does what is not settled
    compensableForMs: 400 * DAY, // a run with something to undo is kept so long at least
  },
});
// #endregion
