import { defineAgents } from "../agents/agents.ts";
import { monotonicMs } from "../clock.ts";
import { mean } from "../statistics.ts";
import { defineWorkload } from "../workload.ts";
import { runSteps } from "../world/run.ts";
import { memoryMb } from "../world/usage.ts";
import { withWorld } from "../world/world.ts";

export const longRun = defineWorkload({
  name: "long-run",
  what: "one run of very many steps: what its length costs",
  figures: {
    longFirstStepMs: { unit: "ms", better: "lower", what: "a step of the first thousand, mean" },
    longLastStepMs: { unit: "ms", better: "lower", what: "a step of the last thousand, mean" },
    longLastToFirst: { unit: "×", better: "lower", target: 1.1, what: "the last thousand steps against the first" },
    longMemoryMb: { unit: "MB", better: "lower", what: "what the worker holds more after 10,000 steps than after 1,000" },
  },
  sizes: { full: { steps: 10_000, part: 1_000, warmUp: 2_000 }, tiny: { steps: 40, part: 10, warmUp: 5 } },
  measure: (server, { steps, part, warmUp }) => {
    const begunMs: number[] = [];
    const heldMb: number[] = [];
    let isMeasured = false;
    const agents = defineAgents({
      onStep: (_runId, n) => {
        if (!isMeasured) return;
        begunMs.push(monotonicMs());
        if (n === part + 1 || n === steps) heldMb.push(memoryMb());
      },
    });
    return withWorld(
      server,
      async (world) => {
        await world.startWorker("inside");
        await runSteps(world, warmUp);
        isMeasured = true;
        await runSteps(world, steps);
        const stepsMs = begunMs.slice(1).map((ms, place) => ms - begunMs[place]!);
        const [first, last] = [mean(stepsMs.slice(0, part)), mean(stepsMs.slice(-part))];
        const [early = NaN, late = NaN] = heldMb;
        return { longFirstStepMs: first, longLastStepMs: last, longLastToFirst: last / first, longMemoryMb: late - early };
      },
      agents,
    );
  },
});
