import { forEachOf } from "../closed-loop.ts";
import { pause, until } from "../clock.ts";
import { percentile } from "../statistics.ts";
import { defineWorkload, type Server } from "../workload.ts";
import { withWorld } from "../world/world.ts";

interface Size {
  runs: number;
  /** Between the first and the last that is due (ms). */
  spreadMs: number;
  /** From the first start to the first instant that is due: all are parked by then (ms). */
  startingMs: number;
}

const STARTING = 20;

export const sleeps = defineWorkload({
  name: "sleeps",
  what: "runs that sleep until one instant, parked in a live worker",
  figures: {
    sleepsP99LateMs: { unit: "ms", better: "lower", what: "due to the code after the sleep, 1,000 runs at once, p99" },
    sleepsSpreadP99LateMs: { unit: "ms", better: "lower", what: "due to the code after the sleep, 1,000 runs over 10 s, p99" },
  },
  sizes: {
    full: { atOnce: { runs: 1_000, spreadMs: 0, startingMs: 8_000 }, spread: { runs: 1_000, spreadMs: 10_000, startingMs: 8_000 } },
    tiny: { atOnce: { runs: 10, spreadMs: 0, startingMs: 1_000 }, spread: { runs: 10, spreadMs: 100, startingMs: 1_000 } },
  },
  measure: async (server, { atOnce, spread }) => ({
    sleepsP99LateMs: percentile(await measureSleeps(server, atOnce), 0.99),
    sleepsSpreadP99LateMs: percentile(await measureSleeps(server, spread), 0.99),
  }),
});

/** How late the code of each run went on (ms). */
async function measureSleeps(server: Server, { runs, spreadMs, startingMs }: Size): Promise<number[]> {
  return await withWorld(server, async (world) => {
    const { tape, sleeping } = world.agents;
    const worker = await world.startWorker("inside");
    const dueMs = Date.now() + startingMs;
    const ids = await forEachOf(Array.from({ length: runs }), STARTING, async (_, place) => {
      const { id } = await tape.start(sleeping, { untilMs: Math.round(dueMs + (spreadMs * place) / runs) });
      return id;
    });
    await forEachOf(ids, STARTING, (id) => until(`${id} sleeps`, async () => (await tape.getRun(id)).status === "WAITING"));
    if (Date.now() > dueMs) throw new Error(`starting ${runs} runs took until ${Date.now() - dueMs} ms after the first was due`);
    await pause(dueMs + spreadMs - Date.now());
    const lateMs: number[] = [];
    await until("every run has gone on", async () => {
      lateMs.push(...(await worker.marks()).map(({ ms }) => ms));
      return lateMs.length >= runs;
    });
    return lateMs;
  });
}
