import { awaitSignal } from "@tape/sdk";
import { market, MINUTE, tape } from "./stand-ins.ts";

// #region
export const watchRates = tape.agent("watch-rates", async (run) => {
  await tape.setTimer(run, "tick", { kind: "look-up-rates", inMs: 0 });
  return awaitSignal(run, "stop");
});

tape.onTimer("look-up-rates", async ({ runId, id, kind }) => {
  await tape.setValue("rates", "EUR", await market.eur()); // everybody who watches it is told
  await tape.setTimer(runId, id, { kind, inMs: MINUTE }); // and once more
});
// #endregion
