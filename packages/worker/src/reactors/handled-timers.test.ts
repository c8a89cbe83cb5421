import { setMaxListeners } from "node:events";
import { createTape, type Tape } from "@tape/sdk";
import { makeRun, makeTimer, openTestStore, type TestStore } from "@tape/store/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silent } from "../log.ts";
import { until } from "../testing/until.ts";
import { handledTimers, type HandledTimersOptions } from "./handled-timers.ts";

type Handler = Parameters<Tape["onTimer"]>[1];

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

/** The reactor of a worker that handles `reminder`, and how its life ends. */
function reactor(handler: Handler, options: Partial<HandledTimersOptions> = {}) {
  const tape = createTape({ app: "test" });
  tape.onTimer("reminder", handler);
  const kinds = ["redrive", "reconcile", "reminder"].map((kind) => ({ app: "test", kind }));
  const freed = { count: 0 };
  const timers = handledTimers({ store, owner: "wrk_me", handlers: tape.timerHandlers, kinds, graceMs: 5_000, onFree: () => freed.count++, log: silent, ...options });
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  return { ...timers, freed, pass: () => timers.pass(stop.signal), stop: () => stop.abort() };
}

type Row = { id: string; kind: string; status: string; attempts: number; lastError: string | null };
const rows = async () => (await store.pool.query<Row>(`SELECT id, kind, status, attempts, last_error AS "lastError" FROM tape.timers ORDER BY fire_at, id`)).rows;
const firedCount = async () => (await rows()).filter(({ status }) => status === "FIRED").length;
/** Whoever has a claim has not reported for as long as one lasts. */
const loseClaims = () => store.pool.query("UPDATE tape.timers SET claim_expires_at = tape.now() WHERE status = 'ARMED' AND claim_expires_at IS NOT NULL");

test("a handler is told what is due, and then the timer is FIRED; kinds that nobody handles stay ARMED", async () => {
  const run = await makeRun(store);
  const due = await makeTimer(store, run.id, { kind: "reminder", inMs: -1_000, payload: { who: "ann" } });
  await makeTimer(store, run.id, { kind: "nobody's", inMs: -500 });
  const told: unknown[] = [];
  const { pass, drain } = reactor(({ signal, ...timer }) => void told.push(timer, signal.aborted));
  const waitMs = await pass();
  await drain();
  expect(told).toEqual([{ runId: run.id, id: due.id, kind: "reminder", payload: { who: "ann" }, fireAt: expect.stringMatching(/Z$/), attempt: 1 }, false]);
  expect(await rows()).toMatchObject([{ kind: "reminder", status: "FIRED" }, { kind: "nobody's", status: "ARMED" }]);
  expect(waitMs).toBeGreaterThan(0);
});

test("it waits for the next that is due, of its own kinds", async () => {
  const run = await makeRun(store);
  const { pass } = reactor(() => {});
  expect(await pass()).toBe(30_000);
  await makeTimer(store, run.id, { kind: "wake", inMs: 1_000 });
  await makeTimer(store, run.id, { kind: "reminder", inMs: 25_000 });
  const waitMs = await pass();
  expect(waitMs).toBeGreaterThan(5_000);
  expect(waitMs).toBeLessThanOrEqual(25_000);
});

test("redrive and reconcile need no handler", async () => {
  const parked = await makeRun(store, { status: "WAITING" });
  await makeTimer(store, parked.id, { kind: "redrive" });
  const { pass, drain } = reactor(() => {});
  await pass();
  await drain();
  expect(await rows()).toMatchObject([{ status: "FIRED" }]);
  expect((await store.pool.query("SELECT status FROM tape.runs")).rows).toEqual([{ status: "RUNNABLE" }]);
});

test.each<[string, () => unknown, string]>([
  ["throws", () => Promise.reject(new Error("no mail server")), "no mail server"],
  ["throws at once", () => { throw new Error("cannot"); }, "cannot"],
  ["throws a word", () => Promise.reject("no" as unknown as Error), "no"],
  ["throws an empty error", () => Promise.reject(new Error("")), "it threw without a word"],
  ["never ends", () => new Promise(() => {}), "it did not end within 50 ms"],
])("a handler that %s is tried again, and after five times given up", async (_, handle, lastError) => {
  const run = await makeRun(store);
  await makeTimer(store, run.id, { kind: "reminder" });
  const attempts: number[] = [];
  const { pass, drain } = reactor(({ attempt }) => (attempts.push(attempt), handle() as Promise<void>), { timeoutMs: 50 });
  for (let n = 1; n <= 5; n++) {
    const waitMs = await pass();
    await drain();
    // While it is claimed it is looked at every 2 s. The handler may have failed before the pass was through: then it is due
    // again after 1 s, 2 s, 4 s, 8 s, and never after the fifth time.
    expect(waitMs).toBeLessThanOrEqual(n < 5 ? Math.max(2_000, 1_000 * 2 ** (n - 1)) : 30_000);
    expect(await rows()).toMatchObject([{ status: n < 5 ? "ARMED" : "FIRED", attempts: n, lastError }]);
    await loseClaims();
  }
  await pass();
  expect(attempts).toEqual([1, 2, 3, 4, 5]);
});

test("so many run at the same time and no more are claimed; the next are when half of the places are free", async () => {
  const run = await makeRun(store);
  for (let n = 0; n < 110; n++) await makeTimer(store, run.id, { kind: "reminder" });
  const finish: (() => void)[] = [];
  const { pass, drain, freed } = reactor(() => new Promise<void>((resolve) => finish.push(resolve)));
  expect(await pass()).toBe(Infinity);
  expect(await pass()).toBe(Infinity);
  expect(finish).toHaveLength(50);
  expect((await store.pool.query("SELECT 1 FROM tape.timers WHERE claim IS NOT NULL")).rowCount).toBe(50);

  for (const end of finish.splice(0, 24)) end();
  await until(async () => (await firedCount()) === 24);
  expect(freed.count).toBe(0);
  await pass();
  expect(finish).toHaveLength(26);
  finish.shift()?.();
  await until(() => freed.count > 0);
  await pass();
  expect(finish).toHaveLength(50);

  let done = 0;
  while (done < 85) {
    for (const end of finish.splice(0)) {
      end();
      done += 1;
    }
    await until(async () => (await firedCount()) >= done + 25);
    await pass();
  }
  await drain();
  expect(await firedCount()).toBe(110);
});

test("two workers handle each once", async () => {
  const run = await makeRun(store);
  for (let n = 0; n < 30; n++) await makeTimer(store, run.id, { kind: "reminder" });
  const handled: string[] = [];
  const both = [reactor(({ id }) => void handled.push(id)), reactor(({ id }) => void handled.push(id), { owner: "wrk_other" })];
  await until(async () => {
    await Promise.all(both.map(({ pass }) => pass()));
    return (await firedCount()) === 30;
  });
  expect(new Set(handled).size).toBe(30);
  expect(handled).toHaveLength(30);
});

test("a stop aborts the signals and waits for handlers; those that outlast it, or throw for it, are left to their claim", async () => {
  const run = await makeRun(store);
  for (const payload of ["quick", "heeds", "hangs"]) await makeTimer(store, run.id, { kind: "reminder", payload });
  const begun: unknown[] = [];
  let finish = (): void => {};
  const { pass, stop, drain, hurry } = reactor(
    async ({ payload, signal }) => {
      begun.push(payload);
      await new Promise<void>((resolve, reject) => {
        if (payload === "quick") finish = resolve;
        if (payload === "heeds") signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    },
    { graceMs: 3_600_000 },
  );
  await pass();
  expect(begun).toHaveLength(3);
  stop();
  const draining = drain();
  finish();
  await until(async () => (await firedCount()) === 1);
  hurry();
  await draining;
  expect((await rows()).map(({ status, attempts }) => [status, attempts]).sort()).toEqual([["ARMED", 0], ["ARMED", 0], ["FIRED", 1]]);

  await loseClaims();
  const again: unknown[] = [];
  const next = reactor(({ payload }) => void again.push(payload));
  await next.pass();
  await next.drain();
  expect(again.sort()).toEqual(["hangs", "heeds"]);
  expect(await firedCount()).toBe(3);
});

test("hurry ends the grace period, of this life alone", async () => {
  const run = await makeRun(store);
  await makeTimer(store, run.id, { kind: "reminder" });
  const { pass, drain, hurry } = reactor(() => new Promise(() => {}), { graceMs: 3_600_000 });
  await pass();
  hurry();
  await drain();
  let isDrained = false;
  const draining = drain().then(() => (isDrained = true));
  await new Promise(setImmediate);
  expect(isDrained).toBe(false);
  hurry();
  await draining;
});
