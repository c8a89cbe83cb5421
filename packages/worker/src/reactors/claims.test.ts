import type { Claim } from "@tape/store";
import { makeRun, openTestStore, type TestStore } from "@tape/store/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silent } from "../log.ts";
import { recovery, type RecoveryOptions } from "./recovery.ts";
import { takeOver, type TakeOverOptions } from "./take-over.ts";

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

/** An executor with so many places, and what it was given. */
function places(count: number) {
  const claims: Claim[] = [];
  return {
    claims,
    free: () => count - claims.length,
    driven: () => claims.map(({ runId }) => runId),
    takesSuspect: () => claims.every(({ losses }) => losses === 0),
    accept: (more: readonly Claim[]) => void claims.push(...more),
  };
}

const LOADED: Pick<RecoveryOptions, "owner" | "agents" | "ttlMs"> = { owner: "wrk_me", agents: [{ app: "test", agent: "pay", version: null }], ttlMs: 60_000 };
const never = new AbortController().signal;
const recoveryOf = (executor: RecoveryOptions["executor"], options: Partial<RecoveryOptions> = {}) => recovery({ store, executor, ...LOADED, ...options });
const takeOverOf = (executor: RecoveryOptions["executor"], options: Partial<TakeOverOptions> = {}) =>
  takeOver({ store, executor, ...LOADED, mayJudge: () => true, log: silent, ...options });

const blame = (id: string, losses: number) => store.pool.query("UPDATE tape.runs SET losses = $2 WHERE id = $1", [id, losses]);

test("recovery fills the places that are free with runs of loaded agents that are due, the longest due first", async () => {
  const runs = [];
  for (let n = 0; n < 4; n++) runs.push(await makeRun(store));
  await makeRun(store, { agent: "other" });
  await store.pool.query("UPDATE tape.runs SET due_at = now() + interval '1 hour' WHERE id = $1", [runs[0]?.id]);
  const executor = places(2);
  expect(await recoveryOf(executor)(never)).toBe(0);
  expect(executor.claims.map(({ runId, epoch, taken }) => ({ runId, epoch, taken }))).toEqual([
    { runId: runs[1]?.id, epoch: 1, taken: "runnable" },
    { runId: runs[2]?.id, epoch: 1, taken: "runnable" },
  ]);
  expect(await recoveryOf(executor)(never)).toBe(1_000);
  expect(await recoveryOf(places(5), { agents: [] })(never)).toBe(Infinity);
});

test("D25 recovery takes one suspect at a time, and others beside it", async () => {
  const suspects = [await makeRun(store), await makeRun(store)];
  for (const { id } of suspects) await blame(id, 1);
  const innocent = await makeRun(store);
  const executor = places(5);
  const pass = recoveryOf(executor);
  expect(await pass(never)).toBe(1_000);
  expect(executor.claims.map(({ runId }) => runId)).toEqual([suspects[0]?.id, innocent.id]);
  await pass(never);
  expect(executor.claims).toHaveLength(2);
});

test("take-over takes one run of a silent driver, and the next when that one was cleared", async () => {
  const dead = { status: "RUNNING", owner: "wrk_dead", leaseMs: -1 } as const;
  for (let n = 0; n < 2; n++) await makeRun(store, dead);
  await makeRun(store, { status: "RUNNING", owner: "wrk_alive" });
  const executor = places(5);
  const pass = takeOverOf(executor);
  await pass(never);
  await pass(never);
  expect(executor.claims).toMatchObject([{ taken: "stale", epoch: 2, losses: 1 }]);
  executor.claims[0]!.losses = 0;
  await pass(never);
  expect(executor.claims).toHaveLength(2);
});

test("D26 whoever was silent itself judges nobody", async () => {
  await makeRun(store, { status: "RUNNING", owner: "wrk_dead", leaseMs: -1 });
  const executor = places(5);
  await takeOverOf(executor, { mayJudge: () => false })(never);
  expect(executor.claims).toEqual([]);
  await takeOverOf(executor, { mayJudge: () => true })(never);
  expect(executor.claims).toHaveLength(1);
});

test("R7 a run that lost its driver too often is STUCK, and the next is looked for at once", async () => {
  const run = await makeRun(store, { status: "RUNNING", owner: "wrk_dead", leaseMs: -1 });
  await blame(run.id, 4);
  const executor = places(5);
  expect(await takeOverOf(executor)(never)).toBe(0);
  expect(executor.claims).toEqual([]);
  const { rows } = await store.pool.query("SELECT status, owner FROM tape.runs WHERE id = $1", [run.id]);
  expect(rows).toEqual([{ status: "STUCK", owner: null }]);
});

test("D25 runs whose driver got on before it was lost are no suspects: they are taken all at once", async () => {
  for (let n = 0; n < 4; n++) await blame((await makeRun(store, { status: "RUNNING", owner: "wrk_dead", leaseMs: -1 })).id, -1);
  const executor = places(3);
  await takeOverOf(executor)(never);
  expect(executor.claims).toHaveLength(3);
  expect(new Set(executor.claims.map(({ losses }) => losses))).toEqual(new Set([0]));
});

test("a claim whose answer was lost is noticed by its own worker, and what it drives is left alone", async () => {
  const lost = await makeRun(store, { status: "RUNNING", owner: "wrk_me", leaseMs: 50_000 });
  await makeRun(store, { status: "RUNNING", owner: "wrk_me", leaseMs: 59_000 });
  const driven = await makeRun(store, { status: "RUNNING", owner: "wrk_me", leaseMs: 50_000 });
  const executor = { ...places(5), driven: () => [driven.id] };
  await takeOverOf(executor)(never);
  expect(executor.claims).toMatchObject([{ runId: lost.id, taken: "stale", epoch: 2 }]);
});
