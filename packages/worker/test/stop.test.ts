import { afterEach, beforeEach, expect, test } from "vitest";
import { torture } from "../src/testing/torture.ts";
import { until } from "../src/testing/until.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** A body that ends when it is told to, or when its signal is aborted, if it heeds it. */
function slowTool({ tape }: World, { heeds }: { heeds: boolean }) {
  const seen = { calls: 0, aborted: 0, finish: () => {} };
  const slow = tape.effect("slow", async (ctx) => {
    seen.calls += 1;
    await new Promise<void>((resolve, reject) => {
      seen.finish = resolve;
      ctx.signal.addEventListener("abort", () => {
        seen.aborted += 1;
        if (heeds) reject(new Error("aborted"));
      });
    });
    return "done";
  });
  const agent = tape.agent("slow", async (run) => {
    const first = await slow(run, null);
    await slow(run, null);
    return first;
  });
  return { agent, seen };
}

test("a worker stands the torture", { timeout: 60_000 }, async () => {
  const agent = world.tape.agent("idle", async () => null);
  await torture(world.worker([agent]), { rounds: 1 });
});

test("stop lets a body finish, begins no other, and releases the lease so that nothing waits", async () => {
  const { agent, seen } = slowTool(world, { heeds: true });
  const worker = world.worker([agent]);
  await worker.start();
  const { id } = await world.tape.start(agent, null);
  await until(() => seen.calls === 1);

  const stopping = worker.stop();
  seen.finish();
  await stopping;
  expect(seen).toMatchObject({ calls: 1, aborted: 0 });
  expect(await world.tape.getRun(id)).toMatchObject({ status: "RUNNABLE", lease: null });
  expect(await world.journal(id)).toEqual(["run.started", "run.claimed", "effect.intended", "effect.confirmed", "run.released"]);
  expect(worker.stats().executor).toMatchObject({ running: 0, results: { released: 1 } });
});

test("a body that outlasts the grace period is aborted and its lease released", async () => {
  const { agent, seen } = slowTool(world, { heeds: false });
  const worker = world.worker([agent], { graceMs: 50 });
  await worker.start();
  const { id } = await world.tape.start(agent, null);
  await until(() => seen.calls === 1);
  await worker.stop();
  expect(seen.aborted).toBe(1);
  expect(await world.tape.getRun(id)).toMatchObject({ status: "RUNNABLE", lease: null });

  const next = world.worker([agent]);
  await next.start();
  await until(() => seen.calls === 2);
  seen.finish();
  await until(() => seen.calls === 3);
  seen.finish();
  await world.reaches(id, "COMPLETED");
});

test("hurry ends the grace period", async () => {
  const { agent, seen } = slowTool(world, { heeds: false });
  const worker = world.worker([agent], { graceMs: 3_600_000 });
  await worker.start();
  await world.tape.start(agent, null);
  await until(() => seen.calls === 1);
  const stopping = worker.stop();
  worker.hurry();
  await stopping;
  expect(seen.aborted).toBe(1);
});

test("after stop nobody of it is left in the database", async () => {
  const agent = world.tape.agent("idle", async () => null);
  const worker = world.worker([agent]);
  await worker.start();
  const { pool } = world.store;
  const names = async () => (await pool.query<{ name: string }>("SELECT application_name AS name FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ '^tape (presence|worker)'")).rows.map(({ name }) => name).sort();
  await until(async () => (await names()).length === 2);
  await worker.stop();
  await until(async () => (await names()).length === 0);
  expect((await pool.query("SELECT 1 FROM tape.workers")).rows).toEqual([]);
});
