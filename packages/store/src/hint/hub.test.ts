import type { Hint } from "@tape/core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openTestStore, type TestStore } from "../testing/index.ts";
import { createHintHub, type HintHub, type HintHubOptions } from "./hub.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const NAME = "hub under test";
const hubs: HintHub[] = [];
afterEach(() => Promise.all(hubs.splice(0).map((hub) => hub.stop())));

function openHub(options: Partial<HintHubOptions> = {}): HintHub {
  const hub = createHintHub({ connectionString: store.database.url, applicationName: NAME, ...options });
  hubs.push(hub);
  return hub;
}

function subscriber(hub: HintHub, matches: (hint: Hint) => boolean = (hint) => hint.on === "reactors") {
  const told = { wakes: 0, off: () => {} };
  told.off = hub.subscribe(matches, () => void told.wakes++);
  return told;
}

const connections = async () => (await store.pool.query("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1", [NAME])).rowCount;

test("many subscribers share one connection, and each is woken by what it asked for", async () => {
  const hub = openHub();
  expect(await connections()).toBe(0);
  const reactors = Array.from({ length: 20 }, () => subscriber(hub));
  const timers = subscriber(hub, (hint) => hint.on === "timer");
  // The first subscription of a connection: hints may have been missed.
  await expect.poll(() => timers.wakes).toBe(1);
  expect(await connections()).toBe(1);
  store.hints.publish([{ on: "reactors" }]);
  await expect.poll(() => reactors.map(({ wakes }) => wakes)).toEqual(Array.from({ length: 20 }, () => 2));
  expect(timers.wakes).toBe(1);
  expect(await connections()).toBe(1);
});

test("it closes with the last subscriber after a grace, and opens again with the next", async () => {
  const hub = openHub({ graceMs: 50 });
  const [one, two] = [subscriber(hub), subscriber(hub)];
  await expect.poll(() => one.wakes).toBe(1);
  one.off();
  one.off();
  await expect.poll(connections).toBe(1);
  two.off();
  await expect.poll(connections).toBe(0);
  const three = subscriber(hub);
  await expect.poll(() => three.wakes).toBe(1);
  store.hints.publish([{ on: "reactors" }]);
  await expect.poll(() => three.wakes).toBe(2);
  expect([one.wakes, two.wakes]).toEqual([1, 1]);
});

test("who comes back within the grace finds the connection open", async () => {
  const hub = openHub({ graceMs: 60_000 });
  const first = subscriber(hub);
  await expect.poll(() => first.wakes).toBe(1);
  const { rows } = await store.pool.query("SELECT pid FROM pg_stat_activity WHERE application_name = $1", [NAME]);
  first.off();
  const second = subscriber(hub);
  store.hints.publish([{ on: "reactors" }]);
  await expect.poll(() => second.wakes).toBe(1);
  expect((await store.pool.query("SELECT pid FROM pg_stat_activity WHERE application_name = $1", [NAME])).rows).toEqual(rows);
});

test("a connection that the server drops wakes everybody once it is back", async () => {
  const hub = openHub();
  const [one, two] = [subscriber(hub), subscriber(hub, () => false)];
  await expect.poll(() => one.wakes).toBe(1);
  await store.pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [NAME]);
  await expect.poll(() => [one.wakes, two.wakes]).toEqual([2, 2]);
});

test("a subscriber that throws keeps nothing from the others", async () => {
  const errors: unknown[] = [];
  const hub = openHub({ onError: (error) => errors.push(error) });
  hub.subscribe(() => true, () => {
    throw new Error("mine");
  });
  const other = subscriber(hub);
  await expect.poll(() => other.wakes).toBe(1);
  expect(errors).toHaveLength(1);
});

test("stop is safe before anybody subscribed, twice, and for those who come later", async () => {
  const hub = openHub();
  await Promise.all([hub.stop(), hub.stop()]);
  const late = subscriber(hub);
  expect(await connections()).toBe(0);
  late.off();
  const used = openHub();
  subscriber(used);
  await used.stop();
  expect(await connections()).toBe(0);
});
