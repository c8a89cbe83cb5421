import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readJournal } from "../journal/read.ts";
import { drivenRun, sampled } from "../testing/driver.ts";
import { makeRun, openTestStore, type RunShape, type TestStore } from "../testing/index.ts";
import { registerWorker } from "../worker/register.ts";
import { commitRuns } from "./commit/batch.ts";
import { takeOverRuns } from "./take-over.ts";

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

type Input = Parameters<typeof takeOverRuns>[1];
const PAY = { app: "test", agent: "pay", version: "2" };
const takeOver = (fields: Partial<Input> = {}) =>
  takeOverRuns(store, { owner: "wrk_new", agents: [PAY], limit: 10, ttlMs: 60_000, maxRedrives: 5, sessionLocks: true, driven: [], suspects: true, ...fields });
const taken = async (fields: Partial<Input> = {}) => (await takeOver(fields)).claims.map(({ runId }) => runId).sort();
const held = async (owner: string, shape: RunShape = {}) => (await makeRun(store, { status: "RUNNING", owner, ...shape })).id;
const set = (id: string, assignments: string) => store.pool.query(`UPDATE tape.runs SET ${assignments} WHERE id = $1`, [id]);
const runRow = async (id: string) => (await store.pool.query<Record<string, unknown>>("SELECT * FROM tape.runs WHERE id = $1", [id])).rows[0]!;
const losses = async (...runs: string[]) => Promise.all(runs.map(async (id) => (await runRow(id)).losses));

async function worker(id: string, { silentMs, lockKey = null }: { silentMs: number; lockKey?: bigint | null }): Promise<void> {
  await registerWorker(store, { id, host: "host", pid: 7, lockKey, agents: [], tools: [] });
  await store.pool.query("UPDATE tape.workers SET beat_at = tape.now() - $2 * interval '1 ms' WHERE id = $1", [id, silentMs]);
}

test("a lease that ran out is taken over, whether its owner is alive or not: under the next epoch, in the journal", async () => {
  await worker("wrk_old", { silentMs: 0 });
  const run = await drivenRun(store, { owner: "wrk_old", leaseMs: -1 });
  await set(run.id, "recorded = 7, inbox = 1, foreign_outcomes = 4");
  const { claims, stuck } = await takeOver();
  expect(stuck).toEqual([]);
  expect(claims).toEqual([{ runId: run.id, app: "test", agent: "pay", owner: "wrk_new", epoch: 2, ttlMs: 60_000, taken: "stale", seq: 2, inbox: 1, foreign: 4, losses: 1 }]);
  expect(await runRow(run.id)).toMatchObject({ status: "RUNNING", owner: "wrk_new", epoch: 2, recorded: 0, version: "2" });
  const { items } = await readJournal(store, { runId: run.id, fromSeq: 1 });
  expect(items).toMatchObject([{ kind: "run", verb: "claimed", payload: { taken: "stale", previousOwner: "wrk_old", epoch: 2 } }]);
  // The first driver is fenced.
  expect(await commitRuns(store, [run.commit([sampled(run, 1)], { owner: "wrk_old", first: 7 })])).toMatchObject([{ ok: false, refused: "lease_lost" }]);
});

test("D26 an owner that has said nothing for 10 s is dead; before that it is not, where its session cannot tell", async () => {
  await worker("wrk_quiet", { silentMs: 9_000 });
  await worker("wrk_dead", { silentMs: 10_500 });
  await held("wrk_quiet");
  const run = await held("wrk_dead");
  expect(await taken()).toEqual([run]);
});

test("D26 an owner whose session is gone is dead after 1.5 s, and lives while it lasts", async () => {
  const lockKey = -7_000_000_000_321n;
  const session = new pg.Client({ connectionString: store.database.url });
  await session.connect();
  await session.query("SELECT pg_advisory_lock($1)", [String(lockKey)]);
  await worker("wrk_old", { silentMs: 4_000, lockKey });
  await worker("wrk_recent", { silentMs: 1_000, lockKey: lockKey + 1n });
  const run = await held("wrk_old");
  await held("wrk_recent");
  expect(await taken()).toEqual([]);
  await session.end();
  expect(await taken({ sessionLocks: false })).toEqual([]);
  await expect.poll(() => taken()).toEqual([run]);
});

test("nothing else is taken: fresh leases of the living, of owners nobody knows, other statuses, other agents, other versions", async () => {
  await worker("wrk_old", { silentMs: 0 });
  await held("wrk_old");
  await held("wrk_unknown");
  await held("wrk_old", { leaseMs: -1, agent: "other" });
  await held("wrk_old", { leaseMs: -1, pinVersion: "1" });
  for (const status of ["RUNNABLE", "WAITING", "STUCK", "COMPLETED", "FAILED"] as const) await makeRun(store, { status });
  await makeRun(store, { status: "CANCELLED", owner: "wrk_old", leaseMs: -1 });
  expect(await taken()).toEqual([]);
});

test("D25 a drive that brought nothing is counted, one that got on is not", async () => {
  const nothing = await held("wrk_a", { leaseMs: -1 });
  const progress = await drivenRun(store, { owner: "wrk_b", leaseMs: -1 });
  const said = progress.effect("wire");
  await commitRuns(store, [progress.commit([said.says("intended")], { owner: "wrk_b" })]);
  await commitRuns(store, [progress.commit([said.says("confirmed", { by: "driver", result: 1 })], { owner: "wrk_b", first: 1 })]);
  await set(progress.id, "lease_expires_at = tape.now()");
  // Of those that got on, any number at once; of the others one.
  expect(await taken({ suspects: false })).toEqual([progress.id]);
  expect(await taken()).toEqual([nothing]);
  expect(await losses(nothing, progress.id)).toEqual([1, 0]);
});

test("D25 of the runs that one dead worker held, only the suspect is counted, if it had one", async () => {
  const [suspect, ...others] = [await held("wrk_a", { leaseMs: -1 }), await held("wrk_a", { leaseMs: -1 }), await held("wrk_a", { leaseMs: -1 })] as [string, string, string];
  const elsewhere = await held("wrk_b", { leaseMs: -1 });
  await set(suspect, "losses = 2");
  for (let one = 0; one < 4; one++) expect((await takeOver({ limit: 1 })).claims).toHaveLength(1);
  expect(await losses(suspect, ...others, elsewhere)).toEqual([3, 0, 0, 1]);
});

test("R7 a run that lost its driver too often is STUCK with the reason, and the others are taken", async () => {
  const poison = await held("wrk_a", { leaseMs: -1 });
  const other = await held("wrk_b", { leaseMs: -1 });
  await set(poison, "losses = 4");
  const { claims, stuck } = await takeOver();
  expect(stuck).toEqual([poison]);
  expect(claims.map(({ runId }) => runId)).toEqual([other]);
  expect(await runRow(poison)).toMatchObject({ status: "STUCK", owner: null, lease_expires_at: null, epoch: 2, losses: 5, ended_as: null });
  const { items } = await readJournal(store, { runId: poison, fromSeq: 1 });
  expect(items).toMatchObject([{ kind: "run", verb: "stuck", payload: { reason: { code: "poison", redrives: 5 } } }]);
  expect(await taken()).toEqual([]);
});

test("R7 complete: driven and lost again and again without getting on, a run is STUCK after maxRedrives", async () => {
  const run = await held("wrk_0", { leaseMs: -1 });
  for (let redrive = 1; redrive < 3; redrive++) {
    expect((await takeOver({ owner: `wrk_${redrive}`, maxRedrives: 3 })).claims).toMatchObject([{ runId: run, losses: redrive }]);
    await set(run, "lease_expires_at = tape.now()");
  }
  expect(await takeOver({ maxRedrives: 3 })).toEqual({ claims: [], stuck: [run] });
});

test("a worker notices its own claims whose answer it never got", async () => {
  await worker("wrk_new", { silentMs: 0 });
  const unknown = await held("wrk_new", { leaseMs: 54_000 });
  const driven = await held("wrk_new", { leaseMs: 54_000 });
  const recent = await held("wrk_new", { leaseMs: 59_000 });
  expect(await taken({ driven: [driven] })).toEqual([unknown]);
  expect((await runRow(recent)).epoch).toBe(1);
});

test("any number of workers that take over at once get each run once", async () => {
  const runs: string[] = [];
  for (let n = 0; n < 30; n++) runs.push(await held(`wrk_dead_${n}`, { leaseMs: -1 }));
  const all = await Promise.all(Array.from({ length: 6 }, (_, n) => taken({ owner: `wrk_${n}` })));
  const rest = await Promise.all(Array.from({ length: 6 }, (_, n) => taken({ owner: `wrk_${n}`, driven: all[n] })));
  expect([...all, ...rest].flat().toSorted()).toEqual(runs.toSorted());
});
