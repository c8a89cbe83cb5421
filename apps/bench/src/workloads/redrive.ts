import { monotonicMs, until } from "../clock.ts";
import { percentile } from "../statistics.ts";
import { defineWorkload, type Server } from "../workload.ts";
import { parkRuns } from "../world/run.ts";
import { withWorld } from "../world/world.ts";

interface Size {
  /** Steps of each run; a step is two entries. */
  steps: number;
  runs: number;
}

export const redrive = defineWorkload({
  name: "redrive",
  what: "signals to runs whose worker was restarted: their journal is replayed before the code goes on",
  figures: {
    redriveShortMs: { unit: "ms", better: "lower", target: 15, what: "signal sent to the code after the wait, 100 entries replayed, p50" },
    redriveLongMs: { unit: "ms", better: "lower", target: 1_000, what: "signal sent to the code after the wait, 10,000 entries replayed, p50" },
  },
  sizes: {
    full: { short: { steps: 50, runs: 30 }, long: { steps: 5_000, runs: 3 } },
    tiny: { short: { steps: 3, runs: 2 }, long: { steps: 10, runs: 1 } },
  },
  measure: async (server, { short, long }) => ({
    redriveShortMs: percentile(await measureRedrives(server, short), 0.5),
    redriveLongMs: percentile(await measureRedrives(server, long), 0.5),
  }),
});

async function measureRedrives(server: Server, { steps, runs }: Size): Promise<number[]> {
  return await withWorld(server, async (world) => {
    const before = await world.startWorker("inside");
    // One more to warm up.
    const [first, ...ids] = await parkRuns(world, { runs: runs + 1, steps });
    await before.stop();
    const worker = await world.startWorker("inside");

    async function resume(id: string): Promise<number> {
      const sentAt = monotonicMs();
      await world.agents.tape.sendSignal(id, "go");
      let wentOnAt: number | undefined;
      await until(`${id} has gone on`, async () => (wentOnAt = (await worker.marks())[0]?.ms) !== undefined);
      return wentOnAt! - sentAt;
    }

    await resume(first!);
    const tookMs: number[] = [];
    for (const id of ids) tookMs.push(await resume(id));
    return tookMs;
  });
}
