import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
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
