import { TICK } from "../agents/agents.ts";
import { forEachOf } from "../closed-loop.ts";
import { pause, until } from "../clock.ts";
import { percentile } from "../statistics.ts";
import { defineWorkload, type Server } from "../workload.ts";
import { parkRuns } from "../world/run.ts";
import { withWorld } from "../world/world.ts";

interface Size {
  timers: number;
  /** Between the first and the last that is due (ms). */
  spreadMs: number;
}

/** Runs that the timers are of: arming one holds its run for a moment. */
const RUNS = 50;
/** Timers that are due once before, and thrown away. */
const WARM_UP = 100;
/** From the first being set to the first being due, for each timer: all are set by then (ms). */
const SETTING_MS = 3;
/** After the last was set the machine is left alone for so long (ms). */
const QUIET_MS = 300;

export const timers = defineWorkload({
  name: "timers",
  what: "timers with a handler, all due at one instant",
  figures: {
    timersP99LateMs: { unit: "ms", better: "lower", target: 80, what: "due to its handler's begin, 1,000 at once, p99" },
    timersP50LateMs: { unit: "ms", better: "lower", what: "due to its handler's begin, 1,000 at once, p50" },
  },
  sizes: { full: { timers: 1_000, spreadMs: 0 }, quick: { timers: 1_000, spreadMs: 0 }, tiny: { timers: 20, spreadMs: 0 } },
  measure: async (server, size) => {
    const lateMs = await measureTimers(server, size);
    return { timersP99LateMs: percentile(lateMs, 0.99), timersP50LateMs: percentile(lateMs, 0.5) };
  },
});

export const timersSpread = defineWorkload({
  name: "timers-spread",
  what: "timers with a handler, due one after the other",
  figures: {
    timersSpreadP99LateMs: { unit: "ms", better: "lower", target: 5, what: "due to its handler's begin, 1,000 over 10 s, p99" },
    timersSpreadP50LateMs: { unit: "ms", better: "lower", what: "due to its handler's begin, 1,000 over 10 s, p50" },
  },
  sizes: { full: { timers: 1_000, spreadMs: 10_000 }, tiny: { timers: 20, spreadMs: 200 } },
  measure: async (server, size) => {
    const lateMs = await measureTimers(server, size);
    return { timersSpreadP99LateMs: percentile(lateMs, 0.99), timersSpreadP50LateMs: percentile(lateMs, 0.5) };
  },
});

/** How late each handler began (ms), in a worker of the process that set the timers. */
async function measureTimers(server: Server, { timers: count, spreadMs }: Size): Promise<number[]> {
  return await withWorld(server, async (world) => {
    const { tape } = world.agents;
    const worker = await world.startWorker("inside");
    const runs = await parkRuns(world, { runs: Math.min(RUNS, count) });

    async function fire(name: string, howMany: number, overMs: number): Promise<number[]> {
      const dueMs = Date.now() + QUIET_MS + howMany * SETTING_MS;
      const places = Array.from({ length: howMany }, (_, place) => place);
      await forEachOf(places, RUNS, (place) => {
        const at = new Date(Math.round(dueMs + (overMs * place) / howMany));
        return tape.setTimer(runs[place % runs.length]!, `${name}-${place}`, { kind: TICK, at });
      });
      if (Date.now() > dueMs) throw new Error(`setting ${howMany} timers took until ${Date.now() - dueMs} ms after the first was due`);
      await pause(dueMs + overMs - Date.now());
      const lateMs: number[] = [];
      await until("every handler has begun", async () => {
        lateMs.push(...(await worker.marks()).map(({ ms }) => ms));
        return lateMs.length >= howMany;
      });
      return lateMs;
    }

    await fire("warm-up", Math.min(WARM_UP, count), 0);
    return await fire("timer", count, spreadMs);
  });
}
