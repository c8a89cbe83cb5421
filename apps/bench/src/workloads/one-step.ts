import { closedLoop } from "../closed-loop.ts";
import { percentile } from "../statistics.ts";
import { defineWorkload } from "../workload.ts";
import { runSteps } from "../world/run.ts";
import { withWorld } from "../world/world.ts";

export const oneStep = defineWorkload({
  name: "one-step",
  what: "runs of 1 step, one after the other, in the process of their worker",
  figures: {
    oneStepP50Ms: { unit: "ms", better: "lower", target: 1.8, what: "1-step run, start to outcome, p50" },
    oneStepP99Ms: { unit: "ms", better: "lower", target: 6, what: "1-step run, start to outcome, p99" },
  },
  sizes: {
    full: { warmUpMs: 2_000, forMs: 5_000 },
    quick: { warmUpMs: 300, forMs: 800 },
    tiny: { warmUpMs: 1, forMs: 100 },
  },
  measure: (server, { warmUpMs, forMs }) =>
    withWorld(server, async (world) => {
      await world.startWorker("inside");
      const once = () => runSteps(world, 1);
      await closedLoop({ atOnce: 1, forMs: warmUpMs, once });
      const { tookMs } = await closedLoop({ atOnce: 1, forMs, once });
      return { oneStepP50Ms: percentile(tookMs, 0.5), oneStepP99Ms: percentile(tookMs, 0.99) };
    }),
});
