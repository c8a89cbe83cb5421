import { afterEach, beforeEach, expect, test } from "vitest";
import { readJournal } from "../journal/read.ts";
import { makeRun, openTestStore, type TestStore } from "../testing/index.ts";
import { claimRuns, type LoadedAgent } from "./claim.ts";

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

const PAY: LoadedAgent = { app: "test", agent: "pay", version: "2" };
const claim = (fields: Partial<Parameters<typeof claimRuns>[1]> = {}) => claimRuns(store, { owner: "wrk_a", agents: [PAY], limit: 10, ttlMs: 60_000, suspects: true, ...fields });
const ids = async (fields: Parameters<typeof claim>[0] = {}) => (await claim(fields)).map(({ runId }) => runId).sort();
const set = (id: string, assignments: string) => store.pool.query(`UPDATE tape.runs SET ${assignments} WHERE id = $1`, [id]);
const runRow = async (id: string) => (await store.pool.query<Record<string, unknown>>("SELECT * FROM tape.runs WHERE id = $1", [id])).rows[0]!;

test("a claim is a lease of the next epoch and an entry, and says what its driver must know", async () => {
  const run = await makeRun(store);
  await set(run.id, "inbox = 3, foreign_outcomes = 2, epoch = 6, recorded = 9, losses = -1");
  const claims = await claim();
  expect(claims).toEqual([{ runId: run.id, app: "test", agent: "pay", owner: "wrk_a", epoch: 7, ttlMs: 60_000, taken: "runnable", seq: 2, inbox: 3, foreign: 2, losses: 0 }]);
  expect(await runRow(run.id)).toMatchObject({ status: "RUNNING", owner: "wrk_a", epoch: 7, recorded: 0, version: "2", seq: 2, started_at: expect.any(Date), lease_expires_at: expect.any(Date) });
  const { items } = await readJournal(store, { runId: run.id, fromSeq: 1 });
  expect(items).toMatchObject([{ kind: "run", verb: "claimed", payload: { owner: "wrk_a", epoch: 7, version: "2", taken: "runnable", previousOwner: null } }]);
  expect(await claim()).toEqual([]);
});

test("started says when it was first driven", async () => {
  const run = await makeRun(store);
  await claim();
  const { started_at } = await runRow(run.id);
  await set(run.id, "status = 'RUNNABLE', owner = NULL, lease_expires_at = NULL");
  await claim();
  expect((await runRow(run.id)).started_at).toEqual(started_at);
});

test("what is due is taken, the longest due first, of agents that are loaded and statuses that are RUNNABLE", async () => {
  const [late, later, latest] = [await makeRun(store), await makeRun(store), await makeRun(store)];
  await set(late.id, "due_at = tape.now() - interval '3 s'");
  await set(later.id, "due_at = tape.now() - interval '2 s'");
  await set(latest.id, "due_at = tape.now() + interval '1 minute'");
  await makeRun(store, { agent: "other" });
  await makeRun(store, { app: "elsewhere" });
  for (const status of ["RUNNING", "WAITING", "STUCK", "COMPLETED", "FAILED", "CANCELLED"] as const) await makeRun(store, { status });
  expect(await ids({ limit: 1 })).toEqual([late.id]);
  expect(await ids()).toEqual([later.id]);
  expect(await ids({ agents: [] })).toEqual([]);
  await set(latest.id, "due_at = tape.now()");
  expect(await ids()).toEqual([latest.id]);
});

test("D10 a run that is pinned to a version is taken by a worker that has this one", async () => {
  const pinned = await makeRun(store, { pinVersion: "1" });
  const free = await makeRun(store);
  expect(await ids()).toEqual([free.id]);
  expect(await ids({ agents: [{ ...PAY, version: null }] })).toEqual([]);
  expect(await ids({ agents: [{ ...PAY, version: "1" }] })).toEqual([pinned.id]);
});

test("D25 suspects are left to whoever may take one", async () => {
  const suspect = await makeRun(store);
  const clear = await makeRun(store);
  await set(suspect.id, "losses = 1");
  expect(await ids({ suspects: false })).toEqual([clear.id]);
  const [claimed] = await claim();
  expect(claimed).toMatchObject({ runId: suspect.id, losses: 1 });
});

test("R5 any number of workers that claim at once get each run once, and none waits for a run that somebody holds", async () => {
  const runs: string[] = [];
  for (let n = 0; n < 60; n++) runs.push((await makeRun(store)).id);
  const holder = await store.pool.connect();
  await holder.query("BEGIN");
  await holder.query("SELECT FROM tape.runs WHERE id = $1 FOR UPDATE", [runs[0]]);
  const claimed = await Promise.all(Array.from({ length: 8 }, (_, worker) => ids({ owner: `wrk_${worker}`, limit: 20 })));
  await holder.query("ROLLBACK");
  holder.release();
  expect(claimed.flat().toSorted()).toEqual(runs.slice(1).toSorted());
  expect(await ids()).toEqual([runs[0]]);
});
