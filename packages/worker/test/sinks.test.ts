import type { Entry } from "@tape/core";
import { defineConfig, eventIdOf } from "@tape/sdk";
import { openStore } from "@tape/store";
import { expect, test } from "vitest";
import { createWorker } from "../src/index.ts";
import { until } from "../src/testing/until.ts";
import { openWorld } from "./world.ts";

test("a sink of the config is told every run, by whichever worker is there, each entry once and in order; then old runs go", { timeout: 60_000 }, async () => {
  const world = await openWorld();
  const { store, tape } = world;
  const agent = tape.agent<number, number>("square", (run, n) => run.decide("square", { model: "none", request: n }, () => Promise.resolve(n * n)));
  const given: Entry[] = [];
  const sinks = [
    { id: "books", batch: 5, deliver: (entries: readonly Entry[]) => Promise.resolve(void given.push(...entries)) },
    { id: "slow", deliver: () => new Promise<void>(() => {}), timeoutMs: 200 },
  ];
  const own = [1, 2].map(() => openStore({ connectionString: store.connectionString, applicationName: "tape test worker" }));
  const [one, two] = own.map((each) => createWorker({ store: each, config: defineConfig({ tape, agents: [agent], sinks }) }));
  tape.use(store);
  await one!.start();
  await until(async () => (await store.pool.query("SELECT FROM tape.sinks")).rowCount === 2, { what: "the sinks" });

  const total = async () => (await store.pool.query<{ n: number }>("SELECT count(*)::int AS n FROM tape.entries")).rows[0]!.n;
  const work = async (from: number, to: number) => {
    const runs = await Promise.all(Array.from({ length: to - from }, (_, n) => tape.start(agent, from + n)));
    await Promise.all(runs.map((run) => run.outcome()));
    await until(async () => given.length >= (await total()), { what: "the deliveries", withinMs: 20_000 });
  };
  await work(0, 10);
  await two!.start();
  await one!.stop();
  await work(10, 20);

  expect(new Set(given.map(eventIdOf)).size).toBe(given.length);
  const last = new Map<string, number>();
  for (const { runId, seq } of given) {
    expect(seq).toBe((last.get(runId) ?? 0) + 1);
    last.set(runId, seq);
  }
  expect(last.size).toBe(20);
  const lastError = async () => (await store.pool.query<{ lastError: string | null }>(`SELECT last_error AS "lastError" FROM tape.sinks WHERE id = 'slow'`)).rows[0]!.lastError;
  await until(async () => (await lastError()) !== null, { what: "the slow sink to fail" });
  expect(await lastError()).toBe("it took longer than 200 ms");
  await two!.stop();
  expect((await store.pool.query("SELECT FROM tape.sinks WHERE claim IS NOT NULL")).rowCount).toBe(0);

  // The slow sink has passed nothing, so nothing goes before it is let go.
  const keeper = createWorker({ store: own[0]!, config: defineConfig({ tape, agents: [agent], retention: { runsAfterMs: 0 } }) });
  await keeper.start();
  await until(() => (keeper.stats().loops.retention?.passes ?? 0) >= 5, { what: "a time through" });
  expect((await store.pool.query("SELECT FROM tape.runs")).rowCount).toBe(20);
  await keeper.stop();
  await store.pool.query("DELETE FROM tape.sinks WHERE id = 'slow'");
  const next = createWorker({ store: own[1]!, config: defineConfig({ tape, agents: [agent], retention: { runsAfterMs: 0 } }) });
  await next.start();
  await until(async () => (await store.pool.query("SELECT FROM tape.runs")).rowCount === 0, { what: "the deletion" });
  await next.stop();
  await Promise.all(own.map((each) => each.close()));
  await world.close();
});
