import { makeRun } from "@tape/store/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../src/testing/until.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

test("runs of a dead worker are taken over one suspect at a time, and all of them end", async () => {
  const { tape, store } = world;
  let atOnce = 0;
  let most = 0;
  const step = tape.effect("step", async () => {
    most = Math.max(most, ++atOnce);
    await new Promise(setImmediate);
    atOnce -= 1;
  });
  const agent = tape.agent("steps", async (run) => {
    await step(run, 1);
  });
  const runs = [];
  for (let n = 0; n < 8; n++) runs.push(await makeRun(store, { status: "RUNNING", agent: "steps", owner: "wrk_dead", leaseMs: -1 }));

  await world.worker([agent]).start();
  for (const { id } of runs) await world.reaches(id, "COMPLETED");
  expect(most).toBe(1);
});

test("R7 a run that loses its driver every time is STUCK, others go on", async () => {
  const { tape, store } = world;
  const agent = tape.agent("fine", async () => "well");
  const poison = await makeRun(store, { status: "RUNNING", agent: "fine", owner: "wrk_dead", leaseMs: -1 });
  await store.pool.query("UPDATE tape.runs SET losses = 4 WHERE id = $1", [poison.id]);
  const other = await makeRun(store, { status: "RUNNING", agent: "fine", owner: "wrk_dead_too", leaseMs: -1 });

  await world.worker([agent]).start();
  await world.reaches(poison.id, "STUCK");
  await world.reaches(other.id, "COMPLETED");
});

test("a run whose owner is alive is left alone", async () => {
  const { tape, store } = world;
  let driven = 0;
  const agent = tape.agent("fine", async () => ++driven);
  const other = tape.agent("other", async () => null);
  const owner = world.worker([other]);
  await owner.start();
  const held = await makeRun(store, { status: "RUNNING", agent: "fine", owner: owner.id });
  const stale = await makeRun(store, { status: "RUNNING", agent: "fine", owner: "wrk_dead", leaseMs: -1 });
  await world.worker([agent]).start();
  await world.reaches(stale.id, "COMPLETED");
  expect(await tape.getRun(held.id)).toMatchObject({ status: "RUNNING", lease: { owner: owner.id } });

  await owner.stop();
  await store.pool.query("UPDATE tape.runs SET lease_expires_at = now() WHERE id = $1", [held.id]);
  await world.reaches(held.id, "COMPLETED");
  expect(driven).toBe(2);
});

test("C7 a body that hangs longer than the lease loses the run to another driver, sees its signal, and its report is late", async () => {
  const { tape } = world;
  const seen = { calls: 0, aborted: 0, finish: [] as (() => void)[] };
  const hang = tape.effect("hang", async (ctx) => {
    const call = ++seen.calls;
    ctx.signal.addEventListener("abort", () => seen.aborted++);
    if (call === 1) await new Promise<void>((resolve) => seen.finish.push(resolve));
    return call;
  });
  const agent = tape.agent("hangs", async (run) => hang(run, null));
  const worker = world.worker([agent], { leaseTtlMs: 2_000 });
  await worker.start();
  const { id } = await tape.start(agent, null);
  await until(() => seen.aborted === 1);
  await world.reaches(id, "COMPLETED");
  expect(seen.calls).toBe(2);
  seen.finish.forEach((finish) => finish());
  await until(async () => (await world.journal(id)).includes("effect.conflict"));
});

test("D12 the first driver's outcome arrives while the second performs: it stands, and the run goes on at once", async () => {
  const { tape } = world;
  const finish: (() => void)[] = [];
  const hang = tape.effect<null, number>("hang", async () => {
    await new Promise<void>((resolve) => finish.push(resolve));
    return finish.length;
  });
  const agent = tape.agent("hangs", async (run) => hang(run, null));
  await world.worker([agent], { leaseTtlMs: 4_000 }).start();
  const { id } = await tape.start(agent, null);
  await until(() => finish.length === 2);
  finish[0]?.();
  await until(async () => (await world.journal(id)).includes("effect.confirmed"));
  finish[1]?.();
  await world.reaches(id, "COMPLETED");
  const journal = await world.journal(id);
  expect(journal.filter((entry) => entry === "run.claimed" || entry === "run.released")).toEqual(["run.claimed", "run.claimed", "run.released", "run.claimed"]);
  expect(journal.filter((entry) => entry === "effect.confirmed")).toHaveLength(1);
});
