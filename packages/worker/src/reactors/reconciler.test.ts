import { createTape, type EffectOptions } from "@tape/sdk";
import { getEffect } from "@tape/store";
import { makeEffect, makeRun, openTestStore, parkOn, type EffectShape, type TestStore } from "@tape/store/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silent } from "../log.ts";
import { reconciler } from "./reconciler.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

type Check = NonNullable<EffectOptions<unknown, unknown>["statusCheck"]>;

/** A parked run with a lost effect of a tool of its own, and one pass of the reconciler that has the tool loaded. */
async function world(options: EffectOptions<unknown, unknown>, shape: EffectShape = {}) {
  const app = `app-${Math.random().toString(36).slice(2)}`;
  const tape = createTape({ app });
  tape.effect("wire", options, async () => null);
  const run = await makeRun(store, { app });
  const effect = await makeEffect(store, run.id, { tool: "wire", request: { to: "acme", cents: 1200 }, ...shape });
  await parkOn(store, run.id, [{ on: "effect", effectId: effect.id, tool: "wire" }]);
  const pass = reconciler({ store, owner: "wrk_me", tape, agents: [], log: silent, timeoutMs: 50 });
  const status = async () => (await store.pool.query<{ status: string }>("SELECT status FROM tape.runs WHERE id = $1", [run.id])).rows[0]?.status;
  return { effect, pass: (signal = new AbortController().signal) => pass(signal), now: () => getEffect(store, { id: effect.id }), status };
}

test("E3 confirmed by the counterparty: settled with its result and words, and the run goes on", async () => {
  const asked: unknown[] = [];
  const statusCheck: Check = async ({ runId, key, attempt }, input) => {
    asked.push({ runId, key, attempt, input });
    return { status: "confirmed", result: { wireId: "w1" }, externalRef: "bank/1" };
  };
  const { effect, pass, now, status } = await world({ statusCheck, summary: () => "Wired 12.00 EUR to Acme" });
  await pass();
  expect(asked).toEqual([{ runId: effect.runId, key: effect.key, attempt: 1, input: { to: "acme", cents: 1200 } }]);
  expect(await now()).toMatchObject({ status: "CONFIRMED", response: { wireId: "w1" }, externalRef: "bank/1", summary: "Wired 12.00 EUR to Acme" });
  expect(await status()).toBe("RUNNABLE");
  expect(await pass()).toBe(10_000);
  expect(asked).toHaveLength(1);
});

test("failed, and words that cannot be said keep nothing from being settled", async () => {
  const failed = await world({ statusCheck: async () => ({ status: "failed", error: "account closed" }) });
  await failed.pass();
  expect(await failed.now()).toMatchObject({ status: "FAILED", error: { message: "account closed" } });

  const speechless = await world({
    statusCheck: async () => ({ status: "confirmed", result: 1 }),
    summary: () => {
      throw new Error("no words");
    },
  });
  await speechless.pass();
  expect(await speechless.now()).toMatchObject({ status: "CONFIRMED", response: 1 });
});

test("E7 absent at the counterparty: sent again by the run, under its key", async () => {
  const { pass, now, status } = await world({ statusCheck: async () => ({ status: "absent" }) });
  await pass();
  expect([(await now()).status, await status()]).toEqual(["PENDING", "RUNNABLE"]);
});

const never = () => new Promise<never>(() => {});
test.each<[string, Check, RegExp]>([
  ["says that it does not know", async () => ({ status: "inconclusive" }), /^$/],
  ["throws", () => Promise.reject(new Error("bank is down")), /bank is down/],
  ["never answers and heeds no signal", never, /no answer within 50 ms/],
  ["answers nonsense", async () => "yes" as never, /answered "yes", which is no status/],
])("UNKNOWN is never guessed: a counterparty that %s is asked again later", async (_, statusCheck, message) => {
  const { effect, pass, now, status } = await world({ statusCheck });
  const waitMs = await pass();
  expect(await now()).toMatchObject({ status: "UNKNOWN", checks: 1, needsPerson: false, nextCheckAt: expect.any(String) });
  expect(await status()).toBe("WAITING");
  expect(waitMs).toBeGreaterThan(0);
  expect(waitMs).toBeLessThanOrEqual(1_000);
  const { rows } = await store.pool.query<{ message: string }>(
    "SELECT coalesce(b.body::json->>'message', '') AS message FROM tape.entries e JOIN tape.bodies b USING (run_id, seq) WHERE e.run_id = $1 AND e.verb = 'observed'",
    [effect.runId],
  );
  expect(rows).toEqual([{ message: expect.stringMatching(message) }]);
});

test("D22 nobody to ask: an IDEMPOTENT effect is sent again a second after it was lost, not before", async () => {
  const { effect, pass, now, status } = await world({});
  await pass();
  expect(await now()).toMatchObject({ status: "UNKNOWN" });
  await store.pool.query("UPDATE tape.effects SET unknown_since = now() - interval '2 s', next_check_at = now() WHERE id = $1", [effect.id]);
  await pass();
  expect([(await now()).status, await status()]).toEqual(["PENDING", "RUNNABLE"]);
});

test("two workers ask once", async () => {
  let asked = 0;
  const { pass } = await world({ statusCheck: async () => (asked++, { status: "inconclusive" }) });
  await Promise.all([pass(), pass()]);
  expect(asked).toBe(1);
});

test("a stop in the middle ends the pass at once", async () => {
  const { pass, now } = await world({ statusCheck: never });
  const stop = new AbortController();
  const passing = pass(stop.signal);
  stop.abort();
  await passing;
  expect(await now()).toMatchObject({ status: "UNKNOWN" });
});
