import { MINUTE, NoSuchCurrency, rates, tape } from "./stand-ins.ts";

// #region
const quote = tape.effect<string, { rate: number }>(
  "quote",
  {
    semantics: "OBSERVE_ONLY", // it reads, so a lost answer is asked for again
    retry: {
      attempts: 5,
      firstDelayMs: 200,
      maxDelayMs: MINUTE, // twice as long each time, up to this; above 5 s the run is parked and holds no worker
      jitter: 0.5, // up to half of each delay is taken off, the same on every drive: a thousand runs do not come back as one
      retryIf: (error) => !(error instanceof NoSuchCurrency),
    },
  },
  (ctx, currency) => rates.of(currency, { signal: ctx.signal }),
);
// #endregion

export const convert = tape.agent<string, number>("convert", async (run, currency) => (await quote(run, currency)).rate);
