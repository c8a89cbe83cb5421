import { appendAudit, inTransaction, listWorkers, registerWorker } from "@tape/store";
import { makeEffect, makeRun, makeTimer, openTestStore, parkOn, type TestStore } from "@tape/store/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silent } from "../log.ts";
import { auditSealer } from "./audit-sealer.ts";
import { janitor } from "./janitor.ts";
import { settler } from "./settler.ts";
import { timers } from "./timers.ts";

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

const never = new AbortController().signal;

test("timers fires what is due and waits for the next by the database's clock", async () => {
  const run = await makeRun(store);
  const pass = timers({ store });
  expect(await pass(never)).toBe(30_000);
  const due = await makeTimer(store, run.id, { inMs: -5 });
  const next = await makeTimer(store, run.id, { inMs: 3_000 });
  await parkOn(store, run.id, [due, next].map(({ id }) => ({ on: "sleep", timerId: id, until: new Date().toISOString() })));
  const waitMs = await pass(never);
  expect(waitMs).toBeGreaterThan(2_000);
  expect(waitMs).toBeLessThanOrEqual(3_000);
  const { rows } = await store.pool.query("SELECT t.status, r.status AS run FROM tape.timers t JOIN tape.runs r ON r.id = t.run_id ORDER BY t.fire_at");
  expect(rows).toEqual([{ status: "FIRED", run: "RUNNABLE" }, { status: "ARMED", run: "RUNNABLE" }]);
});

test("the sealer chains what is new", async () => {
  for (let n = 0; n < 3; n++) await inTransaction(store, (tx) => appendAudit(tx, { actor: "user:ann", action: "gate.approve", target: `gate_${n}`, details: {} }));
  expect(await auditSealer({ store })(never)).toBe(1_000);
  const { rows } = await store.pool.query("SELECT position FROM tape.audit ORDER BY position");
  expect(rows).toEqual([{ position: 1 }, { position: 2 }, { position: 3 }]);
});

test("C9 the settler leaves a cancelled run in the place of its dead driver, and only of a dead one", async () => {
  const dead = await makeRun(store, { status: "CANCELLED", owner: "wrk_dead", leaseMs: -1 });
  const alive = await makeRun(store, { status: "CANCELLED", owner: "wrk_alive" });
  const lost = await makeEffect(store, dead.id, { status: "PENDING" });
  const fine = await makeEffect(store, alive.id, { status: "PENDING" });
  const settled = async () => (await store.pool.query("SELECT id FROM tape.runs WHERE settled_at IS NOT NULL")).rows;
  await settler({ store, mayJudge: () => false, log: silent })(never);
  expect(await settled()).toEqual([]);
  expect(await settler({ store, mayJudge: () => true, log: silent })(never)).toBe(1_000);
  expect(await settled()).toEqual([{ id: dead.id }]);
  const { rows } = await store.pool.query("SELECT id, status FROM tape.effects ORDER BY status DESC");
  expect(rows).toEqual([{ id: lost.id, status: "UNKNOWN" }, { id: fine.id, status: "PENDING" }]);
});

test("the janitor forgets workers that have been silent for long, and only those", async () => {
  const worker = { host: "here", pid: 1, lockKey: null, agents: [], tools: [] };
  for (const id of ["wrk_dead", "wrk_alive"]) await registerWorker(store, { id, ...worker });
  await store.pool.query("UPDATE tape.workers SET beat_at = now() - interval '11 min' WHERE id = 'wrk_dead'");
  expect(await janitor({ store, log: silent })(never)).toBe(60_000);
  expect((await listWorkers(store)).map(({ id }) => id)).toEqual(["wrk_alive"]);
});
