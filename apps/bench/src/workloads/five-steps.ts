import { closedLoop } from "../closed-loop.ts";
import { percentile } from "../statistics.ts";
import { defineWorkload, type Server } from "../workload.ts";
import { runSteps } from "../world/run.ts";
import { withWorld } from "../world/world.ts";

interface Size {
  /** Runs at once, one measurement each. */
  atOnce: readonly number[];
  warmUpMs: number;
  forMs: number;
}

const STEPS = 5;

export const fiveSteps = defineWorkload({
  name: "five-steps",
  what: "runs of 5 steps, started and awaited in the process of their worker",
  figures: {
    runsPerSecondAt1: { unit: "per s", better: "higher", target: 200, what: "5-step runs, 1 at once" },
    runsPerSecondAt10: { unit: "per s", better: "higher", target: 700, what: "5-step runs, 10 at once" },
    runsPerSecondAt50: { unit: "per s", better: "higher", target: 1_200, what: "5-step runs, 50 at once" },
    runP50MsAt1: { unit: "ms", better: "lower", target: 5, what: "5-step run, 1 at once, start to outcome, p50" },
    nodeCpuMsPerRunAt50: { unit: "ms", better: "lower", target: 0.6, what: "processor time of worker and callers for a 5-step run, 50 at once" },
  },
  sizes: {
    full: { atOnce: [1, 10, 50], warmUpMs: 2_000, forMs: 5_000 },
    quick: { atOnce: [1, 50], warmUpMs: 500, forMs: 1_200 },
    tiny: { atOnce: [1, 50], warmUpMs: 1, forMs: 100 },
  },
  measure: measureFiveSteps,
});

async function measureFiveSteps(server: Server, { atOnce, warmUpMs, forMs }: Size): Promise<Record<string, number>> {
  return await withWorld(server, async (world) => {
    const worker = await world.startWorker("inside");
    const once = () => runSteps(world, STEPS);
    const measured: Record<string, number> = {};
    for (const callers of atOnce) {
      await closedLoop({ atOnce: callers, forMs: warmUpMs, once });
      const usedMs = await worker.cpuMs();
      const { tookMs, perSecond } = await closedLoop({ atOnce: callers, forMs, once });
      measured[`runsPerSecondAt${callers}`] = perSecond;
      if (callers === 1) measured.runP50MsAt1 = percentile(tookMs, 0.5);
      if (callers === 50) measured.nodeCpuMsPerRunAt50 = ((await worker.cpuMs()) - usedMs) / tookMs.length;
    }
    return measured;
  });
}
