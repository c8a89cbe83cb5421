import { afterAll, beforeAll, expect, test } from "vitest";
import { makeEffect, makeGate, makeRun, makeTimer, openTestStore, parkOn, type TestStore } from "../testing/index.ts";
import { registerWorker } from "../worker/register.ts";
import { getRun } from "./get.ts";
import { listRuns } from "./list.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const why = async (id: string) => (await getRun(store, { id })).whyWaiting;
const worker = (id: string, agents: { agent: string; version?: string }[]) =>
  registerWorker(store, { id, host: "h", pid: 1, lockKey: null, tools: [], agents: agents.map((one) => ({ app: "test", version: null, pinned: false, title: null, inputSchema: null, ...one })) });

test("a parked run says which gate and whose, which effect, and until when it sleeps", async () => {
  const { id } = await makeRun(store);
  const gate = await makeGate(store, id, { assignees: ["role:operator"], quorum: 2, display: { title: "Pay 5 rows", fields: [] } });
  const effect = await makeEffect(store, id, { tool: "wire", needsPerson: true });
  const timer = await makeTimer(store, id, { inMs: 60_000 });
  await parkOn(store, id, [
    { on: "sleep", timerId: timer.id, until: "2030-01-01T00:00:00.000Z" },
    { on: "gate", gateId: gate.id, name: gate.name },
    { on: "effect", effectId: effect.id, tool: "wire" },
    { on: "signal", key: "k", name: "go" },
  ]);
  expect((await why(id)).map(({ code, ref }) => [code, ref ?? null])).toEqual([
    ["effect_needs_person", effect.id],
    ["gate", gate.id],
    ["signal", null],
    ["sleep", timer.id],
  ]);
  expect((await why(id))[1]!.sentence).toContain("Pay 5 rows");
});

test("a runnable run without a worker, with one of another version, backing off, and queued", async () => {
  const { id } = await makeRun(store, { agent: "sweep", pinVersion: "2" });
  expect(await why(id)).toMatchObject([{ code: "no_worker" }]);
  await worker("wrk_a", [{ agent: "sweep", version: "1" }]);
  expect(await why(id)).toMatchObject([{ code: "no_worker_version" }]);
  await worker("wrk_b", [{ agent: "sweep", version: "2" }]);
  expect(await why(id)).toMatchObject([{ code: "queued" }]);
  await store.pool.query("UPDATE tape.runs SET due_at = tape.now() + interval '1 minute' WHERE id = $1", [id]);
  expect(await why(id)).toMatchObject([{ code: "backoff" }]);
});

test("a running run says what it does, and when its worker is gone", async () => {
  await worker("wrk_c", [{ agent: "pay" }]);
  await worker("wrk_d", [{ agent: "pay" }]);
  const { id } = await makeRun(store, { status: "RUNNING", owner: "wrk_c" });
  await makeEffect(store, id, { status: "PENDING", tool: "wire" });
  expect(await why(id)).toMatchObject([{ code: "running", ref: "wrk_c", sentence: expect.stringContaining("wire") }]);
  await store.pool.query("UPDATE tape.workers SET beat_at = tape.now() - interval '40 s' WHERE id = 'wrk_c'");
  expect(await why(id)).toMatchObject([{ code: "lease_lost", ref: "wrk_c", sentence: expect.stringContaining("40 s ago") }]);
  const expired = await makeRun(store, { status: "RUNNING", owner: "wrk_d", leaseMs: -5_000 });
  expect(await why(expired.id)).toMatchObject([{ code: "lease_lost", ref: "wrk_d" }]);
});

test("a cancelled run says so until its driver has left; an ended one says nothing", async () => {
  const held = await makeRun(store, { status: "CANCELLED", owner: "wrk_d" });
  expect(await why(held.id)).toMatchObject([{ code: "cancelling" }]);
  for (const status of ["COMPLETED", "FAILED", "CANCELLED"] as const) expect(await why((await makeRun(store, { status })).id)).toEqual([]);
  expect(await why((await makeRun(store, { status: "STUCK" })).id)).toMatchObject([{ code: "poison" }]);
});

test("a page of 60 waiting runs takes as many statements as a page of one", async () => {
  for (let n = 0; n < 60; n++) {
    const { id } = await makeRun(store, { agent: "many" });
    const gate = await makeGate(store, id);
    const effect = await makeEffect(store, id);
    await parkOn(store, id, [{ on: "gate", gateId: gate.id, name: gate.name }, { on: "effect", effectId: effect.id, tool: "wire" }]);
  }
  const statements = async (limit: number) => {
    const query = store.pool.query.bind(store.pool);
    let count = 0;
    const counted = { ...store, pool: Object.assign(Object.create(store.pool), { query: (...args: Parameters<typeof query>) => (count++, query(...args)) }) };
    const { items } = await listRuns(counted, { filter: { agent: "many" }, limit });
    expect(items).toHaveLength(limit);
    for (const { whyWaiting } of items) expect(whyWaiting.map(({ code }) => code)).toEqual(["gate", "effect_unsettled"]);
    return count;
  };
  expect(await statements(60)).toBe(await statements(1));
});
