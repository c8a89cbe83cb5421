import { closedLoop } from "../closed-loop.ts";
import { defineWorkload } from "../workload.ts";
import { runSteps } from "../world/run.ts";
import { withWorld } from "../world/world.ts";

const AT_ONCE = 50;

export const fiveStepsBeside = defineWorkload({
  name: "five-steps-beside",
  what: "runs of 5 steps, started and awaited in another process than their worker's",
  figures: {
    besideRunsPerSecondAt50: { unit: "per s", better: "higher", what: "5-step runs, 50 at once, worker in a process of its own" },
    workerCpuMsPerRunAt50: { unit: "ms", better: "lower", target: 0.6, what: "processor time of the worker alone for a 5-step run, 50 at once" },
  },
  sizes: { full: { warmUpMs: 2_000, forMs: 5_000 }, tiny: { warmUpMs: 1, forMs: 100 } },
  measure: (server, { warmUpMs, forMs }) =>
    withWorld(server, async (world) => {
      const worker = await world.startWorker("beside");
      const once = () => runSteps(world, 5);
      await closedLoop({ atOnce: AT_ONCE, forMs: warmUpMs, once });
      const usedMs = await worker.cpuMs();
      const { tookMs, perSecond } = await closedLoop({ atOnce: AT_ONCE, forMs, once });
      return { besideRunsPerSecondAt50: perSecond, workerCpuMsPerRunAt50: ((await worker.cpuMs()) - usedMs) / tookMs.length };
    }),
});
