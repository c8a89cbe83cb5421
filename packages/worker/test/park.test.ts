import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../src/testing/until.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** An agent that acts, waits for the signal `go`, and acts again; and how often its code began. */
function waiter({ tape }: World) {
  const seen = { begun: 0, before: 0, after: 0 };
  const before = tape.effect("before", async () => ++seen.before);
  const after = tape.effect("after", async () => ++seen.after);
  const agent = tape.agent("waiter", async (run) => {
    seen.begun += 1;
    await before(run, null);
    const word = await tape.awaitSignal<string>(run, "go");
    await after(run, null);
    return word;
  });
  return { agent, seen };
}

test("D9 a parked run goes on in the same worker without replay", async () => {
  const { agent, seen } = waiter(world);
  const worker = world.worker([agent]);
  await worker.start();
  const { id } = await world.tape.start(agent, null);
  await world.reaches(id, "WAITING");
  await until(() => worker.stats().executor.parked === 1);

  await world.tape.sendSignal(id, "go", "now");
  await world.reaches(id, "COMPLETED");
  expect(seen).toEqual({ begun: 1, before: 1, after: 1 });
  await until(() => worker.stats().executor.running === 0);
  expect(worker.stats().executor).toMatchObject({ running: 0, parked: 0, resumed: 1, replayed: 1 });
});

test("D9 and in another worker with replay: nothing is done twice", async () => {
  const { agent, seen } = waiter(world);
  const first = world.worker([agent]);
  await first.start();
  const { id } = await world.tape.start(agent, null);
  await world.reaches(id, "WAITING");
  await first.stop();

  const second = world.worker([agent]);
  await second.start();
  await world.tape.sendSignal(id, "go", "later");
  await world.reaches(id, "COMPLETED");
  expect(seen).toEqual({ begun: 2, before: 1, after: 1 });
  expect((await world.tape.getRun(id)).output).toBe("later");
});

test("what falls out of the memory of parked runs is replayed", async () => {
  const { agent, seen } = waiter(world);
  const worker = world.worker([agent], { parked: { limit: 1 } });
  await worker.start();
  const { id: older } = await world.tape.start(agent, null);
  await world.reaches(older, "WAITING");
  const { id: newer } = await world.tape.start(agent, null);
  await world.reaches(newer, "WAITING");
  await until(() => worker.stats().executor.running === 0);

  for (const id of [older, newer]) await world.tape.sendSignal(id, "go", "x");
  for (const id of [older, newer]) await world.reaches(id, "COMPLETED");
  expect(seen).toEqual({ begun: 3, before: 2, after: 2 });
});

test("a sleep ends by the timers of the worker, on time", async () => {
  const { tape } = world;
  const agent = tape.agent("sleeper", async (run) => {
    await run.sleep(400);
    return "rested";
  });
  const worker = world.worker([agent]);
  await worker.start();
  const { id } = await tape.start(agent, null);
  await world.reaches(id, "WAITING");
  await world.reaches(id, "COMPLETED");
  const { createdAt, endedAt } = await tape.getRun(id);
  const tookMs = Date.parse(endedAt ?? "") - Date.parse(createdAt);
  expect(tookMs).toBeGreaterThanOrEqual(400);
  expect(tookMs).toBeLessThan(10_000);
  expect(await world.journal(id)).toContain("timer.fired");
});
