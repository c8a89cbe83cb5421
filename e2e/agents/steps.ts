import { awaitSignal } from "@tape/sdk";
import { note } from "./note.ts";
import { tape } from "./app.ts";

export interface StepsInput {
  steps: number;
  /** How long each body takes (ms). */
  ms?: number;
  /** Waits for the signal `go` before the first step. */
  waits?: boolean;
}

/** One step after the other, each a sentence of its own in the timeline. */
export const steps = tape.agent<StepsInput, number>("steps", async (run, { steps: count, ms = 0, waits = false }) => {
  if (waits) await awaitSignal(run, "go");
  for (let n = 1; n <= count; n++) {
    await run.effect("step", { n }, async () => (ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined), { summary: () => `Step ${n} of ${count}` });
  }
  return count;
});

/** A decision and then effects, whose bodies take no time: what is measured is the journal. */
export const fiveSteps = tape.agent<{ steps: number }, number>("five-steps", async (run, { steps: count }) => {
  await run.decide("plan", { model: "scripted", request: { count } }, () => count);
  for (let n = 1; n < count; n++) await run.effect("step", { n }, () => n);
  return count;
});

const go = tape.gateTool<{ n: number }>("go-on");

/** One gate, and a body that writes when it began: how long a click takes to become an act. */
export const clicked = tape.agent<{ n: number }, void>("clicked", async (run, { n }) => {
  await go(run, { n });
  await run.effect("act", { n }, () => note(`${n} ${performance.timeOrigin + performance.now()}`));
});
