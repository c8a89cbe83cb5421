import type { ValueChange } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHintHub, type HintHub } from "../hint/hub.ts";
import { openTestStore, type TestStore } from "../testing/index.ts";
import { deleteValue, setValue } from "./set.ts";
import { watchValue } from "./watch.ts";

let store: TestStore;
let hub: HintHub;
let places = 0;
beforeAll(async () => {
  store = await openTestStore();
  hub = createHintHub({ connectionString: store.database.url });
});
afterAll(async () => {
  await hub.stop();
  await store.close();
});

const place = () => ({ namespace: `watch/${++places}`, key: "k", writer: "sdk:test" });

/** The same store, with its reads counted; the first of them fail as if the database were away. */
function countedStore(failures = 0) {
  const counted = { ...store, reads: 0, pool: Object.create(store.pool) as typeof store.pool };
  counted.pool.query = ((...args: unknown[]) => {
    if (counted.reads++ < failures) return Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
    return (store.pool.query as (...args: unknown[]) => unknown)(...args);
  }) as typeof store.pool.query;
  return counted;
}

/** A hub that says nothing unless told to, and counts who listens. */
function silentHub() {
  const subscribers = new Set<() => void>();
  return {
    listening: () => subscribers.size,
    wake: () => subscribers.forEach((wake) => wake()),
    subscribe(_matches: unknown, wake: () => void) {
      subscribers.add(wake);
      return () => void subscribers.delete(wake);
    },
    stop: async () => {},
  };
}

async function take(changes: AsyncIterable<ValueChange>, enough: (change: ValueChange) => boolean): Promise<ValueChange[]> {
  const seen: ValueChange[] = [];
  for await (const change of changes) {
    seen.push(change);
    if (enough(change)) break;
  }
  return seen;
}

test("V3 watched from 0 while 1,000 writes happen: every version in order, each with the one before", async () => {
  const where = place();
  const watching = [1, 2].map(() => take(watchValue(store, hub, where), ({ version }) => version === 1001));
  const write = async (from: number) => {
    for (let n = from; n < 1000; n += 4) await setValue(store, { ...where, value: n });
  };
  await Promise.all([0, 1, 2, 3].map(write));
  await deleteValue(store, where);
  for (const seen of await Promise.all(watching)) {
    expect(seen.map(({ version }) => version)).toEqual(Array.from({ length: 1001 }, (_, n) => n + 1));
    for (const [n, change] of seen.entries()) {
      expect(change).toMatchObject({ prevVersion: n, prevValue: n === 0 ? null : seen[n - 1]!.value, skipped: 0, deleted: n === 1000 });
    }
    expect(new Set(seen.map(({ value }) => value)).size).toBe(1001);
  }
});

test("V3 a watcher that is away past the history is told how many it skipped, and goes on from there", async () => {
  const where = place();
  for (let n = 1; n <= 10; n++) await setValue(store, { ...where, value: n });
  await store.pool.query("DELETE FROM tape.value_history WHERE namespace = $1 AND version BETWEEN 2 AND 7", [where.namespace]);
  const seen = await take(watchValue(store, hub, { ...where, fromVersion: 3 }), ({ version }) => version === 10);
  expect(seen.map(({ version, prevVersion, prevValue, skipped }) => ({ version, prevVersion, prevValue, skipped }))).toEqual([
    { version: 8, prevVersion: 3, prevValue: null, skipped: 4 },
    { version: 9, prevVersion: 8, prevValue: 8, skipped: 0 },
    { version: 10, prevVersion: 9, prevValue: 9, skipped: 0 },
  ]);
  const [first, second] = await take(watchValue(store, hub, where), ({ version }) => version === 8);
  expect([first, second]).toMatchObject([{ version: 1, prevVersion: 0, skipped: 0 }, { version: 8, prevVersion: 1, prevValue: null, skipped: 6 }]);
});

test("a watcher knows the value before the one it had from a watch before", async () => {
  const where = place();
  for (const value of ["a", "b", "c"]) await setValue(store, { ...where, value });
  const [change] = await take(watchValue(store, hub, { ...where, fromVersion: 2 }), () => true);
  expect(change).toMatchObject({ version: 3, prevVersion: 2, prevValue: "b" });
});

test("without any hint it finds what was written by looking every second, and no oftener", async () => {
  const where = place();
  const quiet = silentHub();
  const counted = countedStore();
  const seeing = take(watchValue(counted, quiet, where), () => true);
  await expect.poll(() => counted.reads).toBe(1);
  quiet.wake();
  await expect.poll(() => counted.reads).toBe(2);
  await setValue(store, { ...where, value: 1 });
  expect(await seeing).toMatchObject([{ version: 1 }]);
  expect(counted.reads).toBeLessThanOrEqual(4);
});

test("a hint that comes while it reads or while the consumer works is not lost", async () => {
  const where = place();
  const quiet = silentHub();
  const seen: { version: number; at: number }[] = [];
  for await (const { version } of watchValue(store, quiet, (await setValue(store, { ...where, value: 0 }), where))) {
    seen.push({ version, at: performance.now() });
    if (version === 5) break;
    await setValue(store, { ...where, value: version });
    quiet.wake();
  }
  expect(seen.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
  expect(seen.at(-1)!.at - seen[0]!.at).toBeLessThan(900);
});

test("it leaves no listener behind: by break, by an error of the consumer, by abort before and while it waits", async () => {
  const where = place();
  await setValue(store, { ...where, value: 1 });
  const quiet = silentHub();
  await take(watchValue(store, quiet, where), () => true);
  expect(quiet.listening()).toBe(0);
  await expect(take(watchValue(store, quiet, where), () => { throw new Error("mine"); })).rejects.toThrow("mine");
  expect(quiet.listening()).toBe(0);

  const stopping = new AbortController();
  const waiting = take(watchValue(store, quiet, { ...where, fromVersion: 1, signal: stopping.signal }), () => true);
  await expect.poll(() => quiet.listening()).toBe(1);
  stopping.abort();
  expect(await waiting).toEqual([]);
  expect(await take(watchValue(store, quiet, { ...where, signal: stopping.signal }), () => true)).toEqual([]);
  expect(quiet.listening()).toBe(0);
  await expect(take(watchValue(store, quiet, { ...where, namespace: "../x" }), () => true)).rejects.toMatchObject({ code: "invalid_input" });
  await expect(take(watchValue(store, quiet, { ...where, fromVersion: -1 }), () => true)).rejects.toMatchObject({ code: "invalid_input" });
  expect(quiet.listening()).toBe(0);
});

test("a database that is away for a moment ends no watch", async () => {
  const where = place();
  const quiet = silentHub();
  const away = countedStore(2);
  await setValue(store, { ...where, value: 1 });
  const seeing = take(watchValue(away, quiet, where), () => true);
  await expect.poll(() => (quiet.wake(), away.reads)).toBe(3);
  expect(await seeing).toMatchObject([{ version: 1 }]);
});
