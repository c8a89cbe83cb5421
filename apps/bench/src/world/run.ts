import { forEachOf } from "../closed-loop.ts";
import { until } from "../clock.ts";
import type { World } from "./world.ts";

/** Callers at once, where what they prepare is not what is measured. */
const PREPARING = 20;

/** Starts a run of so many steps and resolves when it has ended. */
export async function runSteps({ agents }: World, steps: number): Promise<void> {
  const run = await agents.tape.start(agents.steps, { steps });
  await run.outcome();
}

/** Starts so many runs that take their steps and then wait for `go`, and resolves when they are parked. */
export async function parkRuns({ agents: { tape, waiting } }: World, { runs, steps = 0 }: { runs: number; steps?: number }): Promise<string[]> {
  const ids = await forEachOf(Array.from({ length: runs }), PREPARING, async () => (await tape.start(waiting, { steps })).id);
  await forEachOf(ids, PREPARING, (id) => until(`${id} is parked`, async () => (await tape.getRun(id)).status === "WAITING"));
  return ids;
}

/** Resolves when it has ended. */
export async function untilEnded({ agents: { tape } }: World, runId: string): Promise<void> {
  await until(`${runId} has ended`, async () => (await tape.getRun(runId)).endedAt !== null);
}
