import { readFile } from "node:fs/promises";
import path from "node:path";
import { createClient } from "@tape/client";
import { tokenOf } from "../people.ts";
import { openGate, startTestRun, untilStatus } from "../runs.ts";
import type { Town } from "../town.ts";
import { until } from "../until.ts";
import { figureOf, type Figure } from "./figures.ts";

const nowMs = () => performance.timeOrigin + performance.now();

/** From the decision's request being sent to the begin of the next tool's body, in another process. */
export async function measureClick(town: Town, samples: number): Promise<Figure> {
  const { system, url } = town;
  const client = createClient({ baseUrl: url, token: await tokenOf(system, "approver") });
  const took: number[] = [];
  for (let n = 0; n < samples; n++) {
    const runId = await startTestRun(system, "clicked", { n });
    const { id, fingerprint } = await openGate(system, runId);
    await untilStatus(system, runId, "WAITING");
    const sentMs = nowMs();
    await client.gates.decide(id, { outcome: "approved", fingerprint });
    const begunMs = await until("the body began", async () => {
      const acts = await readFile(path.join(system.dir, "acts.log"), "utf8").catch(() => "");
      const [, at] = new RegExp(`^\\d+ ${n} (\\d+\\.\\d+)$`, "m").exec(acts) ?? [];
      return at === undefined ? undefined : Number(at);
    });
    took.push(begunMs - sentMs);
  }
  return figureOf("approve click to the next tool call", "ms", took);
}
