import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { generate, run, shrink, type Schedule } from "../src/schedule/index.ts";
import { PLANTS } from "./plants.ts";
import { createRandom } from "../src/world/random.ts";
import { Process, World } from "../src/world/index.ts";

/** A day in two processes, as each of them writes it down. */
async function day(seed: number): Promise<string[]> {
  const world = new World({ seed });
  const diary: string[] = [];
  const { timeline } = world;
  const [early, late] = [new Process("a", "a", world, { skewMs: 60_000 }), new Process("b", "b", world, { skewMs: -60_000 })];
  const live = async (process: Process) => {
    for (let turn = 0; turn < 5; turn++) {
      await pause(process.random.whole(1, 2_000));
      await new Promise((resolve) => setImmediate(resolve));
      diary.push(`${process.name} ${new Date(Date.now()).toISOString()} ${Math.round(performance.now())} ${Math.random()}`);
    }
  };
  for (const process of [early, late]) process.after(0, () => void live(process));
  timeline.plan(3_000, null, () => late.pause());
  timeline.plan(20_000, null, () => late.resume());
  timeline.plan(2_500, null, () => early.kill());
  await world.run();
  return diary;
}

test("time and chance of simulated processes are the same for the same seed, and real ones come back", async () => {
  const [one, again, other] = [await day(7), await day(7), await day(8)];
  expect(one).toEqual(again);
  expect(one).not.toEqual(other);
  expect(one.filter((line) => line.startsWith("a")).length).toBeLessThan(5);
  expect(one.filter((line) => line.startsWith("b")).length).toBe(5);
  const began = Date.now();
  await pause(5);
  expect(Date.now() - began).toBeGreaterThanOrEqual(3);
});

test("a draw does not depend on those before it", () => {
  const draws = Array.from({ length: 1_000 }, (_, seed) => createRandom(seed).next());
  const mean = draws.reduce((sum, each) => sum + each, 0) / draws.length;
  expect(mean).toBeGreaterThan(0.45);
  expect(mean).toBeLessThan(0.55);
});

test("a schedule is the same to the letter each time it is run", async () => {
  for (let seed = 0; seed < 6; seed++) {
    const [one, again] = [await run(generate(seed), { trace: true }), await run(generate(seed), { trace: true })];
    expect(one.trace.join("\n")).toBe(again.trace.join("\n"));
    expect(one.trace.length).toBeGreaterThan(50);
  }
});

test("what breaks is shrunk to what is needed for it", async () => {
  const { verbs } = PLANTS.find(({ bug }) => bug.startsWith("a gate that is decided"))!;
  const seeds = Array.from({ length: 40 }, (_, seed) => seed);
  for (const seed of seeds) {
    const found = await run(generate(seed), { verbs: verbs() });
    if (!found.violation || found.schedule.choices.length < 8) continue;
    const shrunk = await shrink(found, { verbs: verbs(), tries: 60 });
    expect(shrunk.violation?.invariant).toBe(found.violation.invariant);
    expect(shrunk.schedule.choices.length).toBeLessThanOrEqual(3);
    return;
  }
  throw new Error("no schedule was found that could be shrunk");
});

/** Schedules that have broken something once, as they were shrunk. */
const ONCE_BROKEN: Record<string, { schedule: Schedule; reaches: string; times: number }> = {
  "a try that stopped because its run was cancelled was taken for the word on an earlier one, whose answer was lost": {
    reaches: "effect.unknown",
    times: 2,
    schedule: {
      seed: 1275,
      workers: [{ slot: "worker 0", skewMs: 0 }],
      settings: { leaseTtlMs: 15_000, concurrency: 4 },
      choices: [
        { when: { atMs: 0 }, act: { do: "start", agent: "patient", name: "errand-0", ms: 193 } },
        { when: { atMs: 8_343 }, act: { do: "break_calls", to: "bank", slot: null, call: "pay", times: 1, fault: { what: "answer_lost" } } },
        { when: { atMs: 13_795 }, act: { do: "person", act: "cancel", pick: 301, again: false } },
      ],
    },
  },
  "a sending that was given up by its timeout was taken for one that was never made, once its run was cancelled": {
    reaches: "effect.unknown",
    times: 1,
    schedule: {
      seed: 417,
      workers: [
        { slot: "worker 0", skewMs: 0 },
        { slot: "worker 1", skewMs: 0 },
      ],
      settings: { leaseTtlMs: 15_000, concurrency: 10 },
      choices: [
        { when: { atMs: 430 }, act: { do: "start", agent: "batch", name: "errand-1", ms: 1_902 } },
        { when: { atMs: 772 }, act: { do: "break_calls", to: "bank", slot: null, call: "pay", times: 1, fault: { what: "slow", thereMs: 2_000, backMs: 8_000 } } },
        { when: { atMs: 6_300 }, act: { do: "person", act: "cancel", pick: 732, again: false } },
      ],
    },
  },
};

test.each(Object.entries(ONCE_BROKEN))("once broken: %s", async (_, { schedule, reaches, times }) => {
  const ended = await run(schedule);
  expect(ended.violation).toBeNull();
  expect(ended.reached[reaches]).toBeGreaterThanOrEqual(times);
});

/** Runs so many schedules, and counts what they reached. */
async function many(from: number, count: number): Promise<Record<string, number>> {
  const reached: Record<string, number> = {};
  for (let seed = from; seed < from + count; seed++) {
    const ended = await run(generate(seed));
    if (ended.violation) throw new Error(`${ended.violation.invariant}: ${ended.violation.what}\nSee it: npm run -s simulate -- --seed ${seed}`);
    for (const [what, times] of Object.entries(ended.reached)) reached[what] = (reached[what] ?? 0) + times;
  }
  return reached;
}

/** What is rare, and how often it must have been reached at least. */
const RARE = {
  killed: 200, stopped: 50, paused: 100, takeovers: 60, answer_lost: 150, late: 50, silent: 50, hints_lost: 500, database_down: 1_000, cut: 1_000,
  "run.cancelled": 250, "run.cancel_noticed": 50, "run.compensated": 250, "run.stuck": 8, "effect.unknown": 100, "effect.observed": 10, "effect.resumed": 80,
  "effect.retried": 80, "effect.attempt_failed": 50, "obligation.stuck": 8, "obligation.attempt_failed": 3, "obligation.waived": 1, copies: 2,
  "gate.decided": 300, "gate.timed_out": 100, "gate.voted": 100, "budget.exceeded": 100, "timer.fired": 1_000, "run.redriven": 40, "run.released": 8,
} as const;

test("schedules of crashes, pauses, lost answers and people who change their minds break nothing, and reach what is rare", { timeout: 900_000 }, async () => {
  const reached = await many(0, 2_000);
  for (const [what, least] of Object.entries(RARE)) expect({ [what]: reached[what] ?? 0, isEnough: (reached[what] ?? 0) >= least }).toMatchObject({ isEnough: true });
});
