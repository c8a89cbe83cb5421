import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { HINT_CHANNEL, type Hint } from "@tape/core";
import { createTestDatabase, type TestDatabase } from "@tape/prisma/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { listenForHints } from "./listen.ts";
import { addHint, packHints, type HintSet } from "./merge.ts";
import { createHintPublisher } from "./publish.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const running: { stop(): Promise<void> }[] = [];
afterEach(() => Promise.all(running.splice(0).map((one) => one.stop())));

function listen(checkEveryMs?: number) {
  const seen = { hints: [] as Hint[], resyncs: 0, errors: [] as unknown[] };
  const listener = listenForHints({
    connectionString: database.url,
    applicationName: "listener under test",
    onHints: (hints) => seen.hints.push(...hints),
    onResync: () => void seen.resyncs++,
    onError: (error) => seen.errors.push(error),
    ...(checkEveryMs !== undefined && { checkEveryMs }),
  });
  running.push(listener);
  return seen;
}

function publisher() {
  const made = createHintPublisher({ connectionString: database.url, applicationName: "publisher under test" });
  running.push({ stop: () => made.close() });
  return made;
}

const sever = (name: string) =>
  database.pool().query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1", [name]);

test("hints of one moment are merged: the highest seq and every reason to wake", async () => {
  const seen = listen();
  await expect.poll(() => seen.resyncs).toBe(1);
  const hints = publisher();
  hints.publish([{ on: "run", id: "run_a", seq: 4, wake: true }, { on: "timer", at: 20 }]);
  hints.publish([{ on: "run", id: "run_a", seq: 3, gates: true }, { on: "timer", at: 10 }, { on: "reactors" }]);
  await expect.poll(() => seen.hints).toEqual([{ on: "run", id: "run_a", seq: 4, wake: true, gates: true }, { on: "timer", at: 10 }, { on: "reactors" }]);
});

test("a thousand hints travel in packets that PostgreSQL takes", async () => {
  const set: HintSet = new Map();
  for (let n = 0; n < 1000; n++) addHint(set, { on: "run", id: `run_${String(n).padStart(26, "0")}`, seq: n });
  const packets = packHints(set, 7_900);
  expect(packets.length).toBeLessThan(11);
  expect(Math.max(...packets.map((packet) => Buffer.byteLength(packet)))).toBeLessThanOrEqual(7_900);
  expect(packets.flatMap((packet) => JSON.parse(packet) as Hint[])).toEqual([...set.values()]);

  const seen = listen();
  await expect.poll(() => seen.resyncs).toBe(1);
  publisher().publish([...set.values()]);
  await expect.poll(() => seen.hints.length).toBe(1000);
});

test("hints of the last moment leave before the publisher closes", async () => {
  const seen = listen();
  await expect.poll(() => seen.resyncs).toBe(1);
  const hints = publisher();
  hints.publish([{ on: "reactors" }]);
  await hints.close();
  hints.publish([{ on: "timer", at: 1 }]);
  await expect.poll(() => seen.hints).toEqual([{ on: "reactors" }]);
});

test("a listener dropped by the server: it connects again, says resync, and hears what comes after", async () => {
  const seen = listen();
  const hints = publisher();
  await expect.poll(() => seen.resyncs).toBe(1);
  await sever("listener under test");
  await expect.poll(() => seen.resyncs).toBe(2);
  hints.publish([{ on: "reactors" }]);
  await expect.poll(() => seen.hints).toEqual([{ on: "reactors" }]);
});

test("a publisher whose idle connection broke sends on a new one", async () => {
  const seen = listen();
  const hints = publisher();
  await expect.poll(() => seen.resyncs).toBe(1);
  hints.publish([{ on: "reactors" }]);
  await expect.poll(() => seen.hints).toHaveLength(1);
  await sever("publisher under test");
  hints.publish([{ on: "timer", at: 7 }]);
  await expect.poll(() => seen.hints).toEqual([{ on: "reactors" }, { on: "timer", at: 7 }]);
});

test("a connection that falls silent without an error is noticed by the check, and replaced", async () => {
  const wire = await brittleWire(database.url);
  const errors: unknown[] = [];
  let resyncs = 0;
  const listener = listenForHints({
    connectionString: wire.url,
    onHints: () => {},
    onResync: () => void resyncs++,
    onError: (error) => errors.push(error),
    checkEveryMs: 20,
    checkTimeoutMs: 100,
  });
  running.push({ stop: () => listener.stop().then(wire.close) });
  await expect.poll(() => resyncs).toBe(1);
  wire.freeze();
  await expect.poll(() => resyncs).toBe(2);
  expect(errors).toHaveLength(1);
});

test("a publisher whose connection fails once tries again", async () => {
  const seen = listen();
  await expect.poll(() => seen.resyncs).toBe(1);
  const wire = await brittleWire(database.url, { failures: 1 });
  const hints = createHintPublisher({ connectionString: wire.url, applicationName: "publisher on a brittle wire" });
  running.push({ stop: () => hints.close().then(wire.close) });
  hints.publish([{ on: "reactors" }]);
  await expect.poll(() => seen.hints).toEqual([{ on: "reactors" }]);
});

/** A road to the database: its first connections fail, and its present ones can be made to carry nothing more, without closing. */
async function brittleWire(url: string, { failures = 0 } = {}) {
  const { port, hostname } = new URL(url);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    if (failures-- > 0) return near.destroy();
    const far = connect(Number(port), hostname);
    for (const [from, to] of [[near, far], [far, near]] as const) {
      open.add(from);
      from.on("error", () => {});
      from.on("data", (data) => !from.isPaused() && to.write(data));
      from.on("close", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const through = new URL(url);
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: through.href,
    freeze: () => open.forEach((socket) => socket.pause()),
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

test("rubbish on the channel and a callback that throws end nothing", async () => {
  let calls = 0;
  const errors: unknown[] = [];
  let isReady = false;
  running.push(
    listenForHints({
      connectionString: database.url,
      onResync: () => (isReady = true),
      onHints: () => {
        calls++;
        throw new Error("mine");
      },
      onError: (error) => errors.push(error),
    }),
  );
  await expect.poll(() => isReady).toBe(true);
  const pool = database.pool();
  for (const payload of ["", "{", '[{"on":"moon"}]', "null"]) await pool.query("SELECT pg_notify($1, $2)", [HINT_CHANNEL, payload]);
  const hints = publisher();
  hints.publish([{ on: "reactors" }]);
  await expect.poll(() => calls).toBe(1);
  hints.publish([{ on: "reactors" }]);
  await expect.poll(() => calls).toBe(2);
  expect(errors).toHaveLength(2);
});

test("stop is safe before the first connect, twice, and while the database is away", async () => {
  const early = listenForHints({ connectionString: database.url, onHints: () => {}, onResync: () => {} });
  await Promise.all([early.stop(), early.stop()]);
  const away = listenForHints({ connectionString: "postgres://nobody@127.0.0.1:1/none", onHints: () => {}, onResync: () => {} });
  await new Promise(setImmediate);
  await away.stop();
  const lost = createHintPublisher({ connectionString: "postgres://nobody@127.0.0.1:1/none", applicationName: "lost" });
  lost.publish([{ on: "reactors" }]);
  await lost.close();
});
