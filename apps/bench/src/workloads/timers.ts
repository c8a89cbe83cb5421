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
/** Timers that are due before, and thrown away: how long they take to be set says how long the others need. */
const WARM_UP = 100;
/** More often is not tried to have all timers set before the first is due, each time with twice the time. */
const MOST_TRIES = 4;
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

    const set = (name: string, howMany: number, dueMs: number) =>
      forEachOf(Array.from({ length: howMany }), RUNS, (_, place) => {
        const at = new Date(Math.round(dueMs + (spreadMs * place) / howMany));
        return tape.setTimer(runs[place % runs.length]!, `${name}-${place}`, { kind: TICK, at });
      });

    async function lateness(name: string, howMany: number): Promise<number[]> {
      const lateMs = new Map<string, number>();
      await until("every handler has begun", async () => {
        for (const { of, ms } of await worker.marks()) if (of.startsWith(`${name}-`) && !lateMs.has(of)) lateMs.set(of, ms);
        return lateMs.size === howMany;
      });
      return [...lateMs.values()];
    }

    const warmUp = Math.min(WARM_UP, count);
    const beganMs = performance.now();
    await set("warm-up", warmUp, Date.now());
    let settingMs = (1.5 * (performance.now() - beganMs) * count) / warmUp;
    await lateness("warm-up", warmUp);

    for (let tries = 1; tries <= MOST_TRIES; tries++, settingMs *= 2) {
      const dueMs = Date.now() + settingMs + QUIET_MS;
      await set(`timer-${tries}`, count, dueMs);
      const isInTime = Date.now() < dueMs;
      await pause(dueMs + spreadMs - Date.now());
      const lateMs = await lateness(`timer-${tries}`, count);
      if (isInTime) return lateMs;
    }
    throw new Error(`${count} timers could not be set before the first was due`);
  });
}
