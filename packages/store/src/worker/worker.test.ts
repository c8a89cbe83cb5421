import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestStore, type TestStore } from "../testing/index.ts";
import { beatWorker } from "./beat.ts";
import { forgetDeadWorkers } from "./forget-dead.ts";
import { leaveWorker } from "./leave.ts";
import { listAgents } from "./list-agents.ts";
import { listWorkers } from "./list.ts";
import { registerWorker, type RegisterWorker } from "./register.ts";

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

type Loaded = RegisterWorker["agents"][number];
const agent = (name: string, more: Partial<Loaded> = {}): Loaded => ({ app: "test", agent: name, version: "1", pinned: false, title: null, inputSchema: null, ...more });
const register = (id: string, agents: Loaded[] = [agent("pay")], lockKey: bigint | null = null) => registerWorker(store, { id, host: "host", pid: 7, lockKey, agents, tools: [{ app: "test", tool: "wire", can: "check" }] });
const silence = (id: string, ms: number) => store.pool.query("UPDATE tape.workers SET beat_at = tape.now() - $2 * interval '1 ms' WHERE id = $1", [id, ms]);
const alive = async () => (await listWorkers(store)).filter((worker) => worker.alive).map(({ id }) => id);

test("a worker says what it has; said again it replaces what was said; it leaves without a trace", async () => {
  await register("wrk_a", [agent("pay"), agent("sweep")]);
  await register("wrk_a", [agent("pay", { version: "2" })]);
  expect(await beatWorker(store, { id: "wrk_a", running: 3 })).toBe(true);
  expect(await listWorkers(store)).toMatchObject([{ id: "wrk_a", host: "host", pid: 7, alive: true, running: 3, agents: [{ app: "test", agent: "pay", version: "2" }] }]);
  await leaveWorker(store, { id: "wrk_a" });
  expect(await listWorkers(store)).toEqual([]);
  expect(await listAgents(store)).toEqual([]);
  expect(await beatWorker(store, { id: "wrk_a", running: 0 })).toBe(false);
});

test("without a session lock a worker is dead after 10 s of silence", async () => {
  await register("wrk_a");
  await silence("wrk_a", 9_000);
  expect(await alive()).toEqual(["wrk_a"]);
  await silence("wrk_a", 10_100);
  expect(await alive()).toEqual([]);
});

test("with one it is dead 1.5 s after its session is gone, not while its session lasts", async () => {
  const lockKey = -5_000_000_000_123n;
  const session = new pg.Client({ connectionString: store.database.url });
  await session.connect();
  await session.query("SELECT pg_advisory_lock($1)", [String(lockKey)]);
  await register("wrk_a", [agent("pay")], lockKey);
  await silence("wrk_a", 3_000);
  expect(await alive()).toEqual(["wrk_a"]);
  await session.end();
  await expect.poll(alive).toEqual([]);
  await beatWorker(store, { id: "wrk_a", running: 0 });
  expect(await alive()).toEqual(["wrk_a"]);
});

test("agents are those of living workers; the one that started last has the word on title and schema", async () => {
  await register("wrk_a", [agent("pay", { title: "Old", inputSchema: { type: "null" } }), agent("audit")]);
  await register("wrk_b", [agent("pay", { version: "2", title: "Pay a batch", inputSchema: { type: "object" } })]);
  await register("wrk_dead", [agent("gone")]);
  await silence("wrk_dead", 60_000);
  expect(await listAgents(store)).toEqual([
    { app: "test", agent: "audit", title: null, versions: ["1"], inputSchema: null, workers: 1 },
    { app: "test", agent: "pay", title: "Pay a batch", versions: ["2", "1"], inputSchema: { type: "object" }, workers: 2 },
  ]);
  await beatWorker(store, { id: "wrk_b", running: 0, stopping: true });
  expect((await listAgents(store)).map(({ title }) => title)).toEqual([null, "Old"]);
});

test("the long dead are forgotten", async () => {
  await register("wrk_a");
  await register("wrk_old");
  await silence("wrk_old", 700_000);
  expect(await forgetDeadWorkers(store)).toEqual(["wrk_old"]);
  expect(await alive()).toEqual(["wrk_a"]);
});
