import { makeRun, makeTimer } from "@tape/store/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../src/testing/until.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const count = async (status: string) => Number((await world.store.pool.query<{ n: number }>("SELECT count(*)::int AS n FROM tape.timers WHERE status = $1", [status])).rows[0]?.n);

test("T1 1,000 timers due at once: every handler ran, none was lost, though a worker was killed in the middle", { timeout: 90_000 }, async () => {
  const { tape, store } = world;
  const idle = tape.agent("idle", async () => null);
  const runs = await Promise.all(Array.from({ length: 10 }, () => makeRun(store, { status: "WAITING", agent: "idle" })));
  await Promise.all(runs.map(async ({ id }) => {
    for (let n = 0; n < 100; n++) await makeTimer(store, id, { kind: "reminder" });
  }));
  const handled: string[] = [];
  let hangsAt = 300;
  tape.onTimer("reminder", async ({ id }) => {
    if (handled.length >= hangsAt) return await new Promise(() => {});
    handled.push(id);
  });

  const first = world.worker([idle], { graceMs: 0 });
  await first.start();
  const underWay = async () => (await store.pool.query("SELECT 1 FROM tape.timers WHERE status = 'ARMED' AND claim IS NOT NULL")).rowCount ?? 0;
  await until(async () => handled.length === hangsAt && (await underWay()) === 50, { withinMs: 30_000 });
  await first.stop();
  expect(await count("ARMED")).toBeGreaterThanOrEqual(700);

  hangsAt = Infinity;
  await store.pool.query("UPDATE tape.timers SET claim_expires_at = tape.now() WHERE claim IS NOT NULL");
  const second = world.worker([idle]);
  await second.start();
  await until(async () => (await count("FIRED")) === 1_000, { withinMs: 40_000, what: "all being fired" });
  expect(await count("ARMED")).toBe(0);
  expect(new Set(handled).size).toBe(1_000);
  expect(handled.length).toBeLessThanOrEqual(1_000 + 50);
});

test("T1 a periodic timer arms itself again, until its run ends", async () => {
  const { tape } = world;
  const beats: number[] = [];
  tape.onTimer("heartbeat", async ({ runId, id, attempt }) => {
    beats.push(attempt);
    if (beats.length < 4) await tape.setTimer(runId, id, { kind: "heartbeat", inMs: 20 });
    else await tape.sendSignal(runId, "enough");
  });
  const agent = tape.agent("periodic", async (run) => {
    await tape.setTimer(run, "beat", { kind: "heartbeat", inMs: 20 });
    await tape.awaitSignal(run, "enough");
  });
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await world.reaches(id, "COMPLETED");
  expect(beats).toEqual([1, 1, 1, 1]);
  expect((await world.journal(id)).filter((entry) => entry === "timer.armed")).toHaveLength(4);
});

test("soft deadline: a redrive timer whose handler cancels", async () => {
  const { tape } = world;
  const told: unknown[] = [];
  tape.onTimer("redrive", async ({ runId, payload }) => {
    told.push(payload);
    await tape.cancelRun(runId, { reason: "it took too long" });
  });
  const agent = tape.agent("slow", async (run) => {
    await tape.setTimer(run, "deadline", { kind: "redrive", payload: { after: "50 ms" }, inMs: 50 });
    await tape.awaitSignal(run, "never");
  });
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await world.reaches(id, "CANCELLED");
  expect(await tape.getRun(id)).toMatchObject({ cancelReason: "it took too long", settledAt: expect.any(String) });
  expect(told).toEqual([{ after: "50 ms" }]);
  await until(async () => (await count("ARMED")) === 0);
});

test("soft deadline of a run whose tool is at work: its signal is aborted by the handler of another", async () => {
  const { tape } = world;
  tape.onTimer("redrive", async ({ runId }) => tape.cancelRun(runId, { reason: "it took too long" }));
  const dig = tape.effect("dig", async ({ signal }) => await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))));
  const agent = tape.agent("digger", async (run) => {
    await tape.setTimer(run, "deadline", { kind: "redrive", inMs: 50 });
    await dig(run, null);
  });
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await until(async () => (await tape.getRun(id)).settledAt);
  expect(await tape.getRun(id)).toMatchObject({ status: "CANCELLED" });
});

test("a redrive timer drives a parked run again; without a handler too", async () => {
  const { tape } = world;
  let drives = 0;
  const agent = tape.agent("poller", async (run) => {
    drives += 1;
    await tape.setTimer(run, "again", { kind: "redrive", inMs: 50 });
    await tape.awaitSignal(run, "never");
  });
  await world.worker([agent], { parked: { limit: 0 } }).start();
  const { id } = await tape.start(agent, null);
  await until(async () => (await world.journal(id)).includes("run.redriven"));
  await until(() => drives === 2);
  await tape.cancelRun(id, { reason: "enough" });
});

test("a stop waits for a handler that is at work, and its timer is FIRED", async () => {
  const { tape, store } = world;
  let finish = (): void => {};
  let signal: AbortSignal | undefined;
  tape.onTimer("reminder", async (timer) => {
    signal = timer.signal;
    await new Promise<void>((resolve) => (finish = resolve));
  });
  const idle = tape.agent("idle", async () => null);
  const { id } = await makeRun(store, { status: "WAITING", agent: "idle" });
  await makeTimer(store, id, { kind: "reminder" });
  const worker = world.worker([idle]);
  await worker.start();
  await until(() => signal);
  const stopping = worker.stop();
  await until(() => signal?.aborted);
  finish();
  await stopping;
  expect(await count("FIRED")).toBe(1);
});

test("a kind that nobody handles stays ARMED until a worker comes that does", async () => {
  const { tape, store } = world;
  const idle = tape.agent("idle", async () => null);
  const { id } = await makeRun(store, { status: "WAITING", agent: "idle" });
  await makeTimer(store, id, { kind: "reminder" });
  await makeTimer(store, id, { kind: "reconcile" });
  const bare = world.worker([idle]);
  await bare.start();
  await until(async () => (await count("FIRED")) === 1);
  expect((await store.pool.query("SELECT status FROM tape.timers WHERE kind = 'reminder'")).rows).toEqual([{ status: "ARMED" }]);

  const handled: string[] = [];
  tape.onTimer("reminder", ({ kind }) => void handled.push(kind));
  await world.worker([idle]).start();
  await until(async () => (await count("FIRED")) === 2);
  expect(handled).toEqual(["reminder"]);
});
