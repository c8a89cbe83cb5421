import { forEachOf } from "../closed-loop.ts";
import { monotonicMs, until } from "../clock.ts";
import { defineWorkload } from "../workload.ts";
import { parkRuns, untilEnded } from "../world/run.ts";
import { withWorld } from "../world/world.ts";

/** Signals being sent at once. */
const SENDING = 50;

export const parked = defineWorkload({
  name: "parked",
  what: "many runs parked in a worker of their sender's process, resumed all at once",
  figures: {
    parkedMemoryMb: { unit: "MB", better: "lower", target: 10, what: "what 1,000 parked runs hold in the worker" },
    parkedResumeAllMs: { unit: "ms", better: "lower", target: 500, what: "first signal sent to the code after the wait in the last of 1,000 runs" },
    parkedEndAllMs: { unit: "ms", better: "lower", what: "first signal sent to the end of the last of 1,000 runs, seen within 25 ms" },
  },
  sizes: { full: { runs: 1_000, warmUp: 200 }, tiny: { runs: 20, warmUp: 2 } },
  measure: (server, { runs, warmUp }) =>
    withWorld(server, async (world) => {
      const { tape } = world.agents;
      const worker = await world.startWorker("inside");
      const resume = (ids: string[]) => forEachOf(ids, SENDING, (id) => tape.sendSignal(id, "go"));

      const first = await parkRuns(world, { runs: warmUp });
      await resume(first);
      for (const id of first) await untilEnded(world, id);
      await worker.marks();

      const emptyMb = await worker.memoryMb();
      const ids = await parkRuns(world, { runs });
      const parkedMemoryMb = (await worker.memoryMb()) - emptyMb;

      const sentAt = monotonicMs();
      await resume(ids);
      const wentOnAt: number[] = [];
      await until("every run has gone on", async () => {
        wentOnAt.push(...(await worker.marks()).map(({ ms }) => ms));
        return wentOnAt.length >= runs;
      });
      for (const id of ids) await untilEnded(world, id);
      return { parkedMemoryMb, parkedResumeAllMs: Math.max(...wentOnAt) - sentAt, parkedEndAllMs: monotonicMs() - sentAt };
    }),
});
