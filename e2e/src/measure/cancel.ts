import { createClient } from "@tape/client";
import { actsOf } from "../acts.ts";
import { tokenOf } from "../people.ts";
import { startTestRun, untilSettled } from "../runs.ts";
import type { Town } from "../town.ts";
import { until } from "../until.ts";
import { figureOf, type Figure } from "./figures.ts";

/** From the cancellation's request being sent to the signal of the body that runs, in another process. */
export async function measureCancel({ system, url }: Town, samples: number): Promise<Figure> {
  const client = createClient({ baseUrl: url, token: await tokenOf(system, "operator") });
  const took: number[] = [];
  for (let n = 0; n < samples; n++) {
    const runId = await startTestRun(system, "moving", { transfers: [{ to: `c${n}`, ms: 400 }] });
    await until("the body runs", async () => (await actsOf(system)).some(({ what, name }) => what === "begin" && name === `c${n}`));
    const sentMs = performance.timeOrigin + performance.now();
    await client.runs.cancel(runId, { reason: "measured" });
    const aborted = await until("its signal is aborted", async () => (await actsOf(system)).find(({ what, name }) => what === "aborted" && name === `c${n}`));
    took.push(Number(aborted.rest) - sentMs);
    await untilSettled(system, runId);
  }
  return figureOf("cancel click to the signal aborted", "ms", took);
}
