import { createTestDatabase, startTestServer, type TestServer } from "@tape/prisma/testing";
import { openStore } from "@tape/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../src/testing/until.ts";
import { openWorld, type World } from "./world.ts";

let server: TestServer;
let world: World;
beforeEach(async () => {
  server = await startTestServer({ isDurable: false });
  const { url } = await createTestDatabase({ server });
  world = await openWorld(openStore({ connectionString: url, applicationName: "tape test" }));
});
afterEach(async () => {
  await world.close();
  await server.stop();
});

const RUNS = 20;
const STEPS = 10;

test("R10 the database is restarted under the work, twice: all complete, nothing is done twice, nobody is taken for dead", { timeout: 90_000 }, async () => {
  const { tape, store } = world;
  const done: string[] = [];
  const step = tape.effect<number, number>("step", async (ctx, n) => {
    done.push(ctx.key);
    await new Promise((resolve) => setTimeout(resolve, 40));
    return n;
  });
  const agent = tape.agent("stepper", async (run) => {
    for (let n = 0; n < STEPS; n++) await step(run, n);
  });
  const workers = [world.worker([agent], { concurrency: RUNS / 2 }), world.worker([agent], { concurrency: RUNS / 2 })];
  await Promise.all(workers.map((worker) => worker.start()));
  for (let n = 0; n < RUNS; n++) await tape.start(agent, null);

  for (const progress of [RUNS, RUNS * 4]) {
    await until(() => done.length >= progress);
    await server.restart({ mode: "immediate" });
  }
  const unfinished = () => store.pool.query("SELECT 1 FROM tape.runs WHERE status <> 'COMPLETED'").then(({ rows }) => rows.length, () => 1);
  await until(async () => (await unfinished()) === 0, { withinMs: 60_000 });

  expect(done).toHaveLength(RUNS * STEPS);
  expect(new Set(done).size).toBe(RUNS * STEPS);
  const { rows } = await store.pool.query("SELECT 1 FROM tape.entries WHERE kind = 'run' AND verb = 'claimed'");
  expect(rows).toHaveLength(RUNS);
});

test("R10 the database is restarted under a walk: it goes on, under the same lease, and nothing is undone twice", { timeout: 60_000 }, async () => {
  const { tape, store } = world;
  const undone: number[] = [];
  const wire = tape.effect<number, number>(
    "wire",
    {
      compensate: async (_, { result }) => {
        undone.push(result);
        if (result === 2) await server.restart({ mode: "immediate" });
      },
    },
    async (_, n) => n,
  );
  const agent = tape.agent("wirer", async (run) => {
    for (let n = 1; n <= 3; n++) await wire(run, n);
  });
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await world.reaches(id, "COMPLETED");
  await tape.compensateRun(id, { reason: "wrong file" });
  const status = () => store.pool.query<{ status: string }>("SELECT status FROM tape.runs").then(({ rows }) => rows[0]?.status, () => "away");
  await until(async () => (await status()) === "COMPENSATED", { withinMs: 30_000 });
  expect(undone).toEqual([3, 2, 1]);
  expect((await world.journal(id)).filter((entry) => entry === "run.walk_claimed")).toHaveLength(1);
});

test("a stop while the database is away ends in bounded time, and its run is found later", { timeout: 60_000 }, async () => {
  const { tape } = world;
  let calls = 0;
  const held = tape.effect<null, string>("held", async (ctx) => {
    if (++calls > 1) return "second";
    return await new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(new Error("aborted"))));
  });
  const agent = tape.agent("holder", async (run) => held(run, null));
  const worker = world.worker([agent], { graceMs: 0, leaseTtlMs: 3_000 });
  await worker.start();
  const { id } = await tape.start(agent, null);
  await until(() => calls === 1);
  await server.halt({ mode: "immediate" });
  const began = performance.now();
  await worker.stop();
  expect(performance.now() - began).toBeLessThan(15_000);

  await server.start();
  await world.worker([agent]).start();
  await world.reaches(id, "COMPLETED");
  expect(calls).toBe(2);
});
