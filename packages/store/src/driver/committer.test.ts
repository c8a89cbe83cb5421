import type { Hint } from "@tape/core";
import type { Pool, QueryConfig } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drivenRun, sampled, type DrivenRun } from "../testing/driver.ts";
import { openTestStore, type TestStore } from "../testing/index.ts";
import { commitRuns } from "./commit/batch.ts";
import { Committer } from "./committer.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

type Query = (statement: QueryConfig) => Promise<unknown>;

/** A pool whose queries go through `around`, and a committer on it. */
function committerOn(around: (query: Query, statement: QueryConfig) => Promise<unknown>) {
  const query: Query = (statement) => store.pool.query(statement);
  const sent: { runs: string[] }[] = [];
  const pool = {
    query: (statement: QueryConfig) => {
      sent.push({ runs: (JSON.parse(String(statement.values?.[0])) as { run_id: string }[]).map((group) => group.run_id) });
      return around(query, statement);
    },
  } as unknown as Pool;
  const hints: Hint[] = [];
  return { committer: new Committer((commits) => commitRuns({ pool }, commits), (published) => hints.push(...published)), sent, hints };
}

const plainly: Parameters<typeof committerOn>[0] = (query, statement) => query(statement);
const seqOf = async ({ id }: DrivenRun) => (await store.pool.query<{ seq: number }>("SELECT seq FROM tape.runs WHERE id = $1", [id])).rows[0]!.seq;
const broken = (code: string) => Object.assign(new Error(`it broke: ${code}`), { code });

test("what arrives while a statement is under way is the next batch, in order, and told once it is committed", async () => {
  const runs = await Promise.all([1, 2, 3].map(() => drivenRun(store)));
  const { committer, sent, hints } = committerOn(plainly);
  const outcomes = await Promise.all(runs.map((run) => committer.submit(run.commit([sampled(run, 1)]))));
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
  const [first, second, third] = runs.map(({ id }) => id);
  expect(sent.map((batch) => batch.runs)).toEqual([[first], [second, third]]);
  expect(hints).toEqual(runs.map(({ id }) => ({ on: "run", id, seq: 2 })));
});

test("D20 a commit whose acknowledgement was lost is sent again and is one", async () => {
  for (const code of ["ECONNRESET", "57P01", "08006"]) {
    const run = await drivenRun(store);
    let isLost = false;
    const { committer, sent } = committerOn(async (query, statement) => {
      const answer = await query(statement);
      if (isLost) return answer;
      isLost = true;
      throw broken(code);
    });
    expect(await committer.submit(run.commit([sampled(run, 1)]))).toMatchObject({ ok: true, seq: 2, recorded: 1 });
    expect(sent).toHaveLength(2);
    expect(await seqOf(run)).toBe(2);
  }
});

test("a row that PostgreSQL refuses is found by halving: the others of its batch are committed", async () => {
  const runs = await Promise.all(Array.from({ length: 9 }, () => drivenRun(store)));
  const poisoned = runs[5]!;
  await store.pool.query("INSERT INTO tape.entries (run_id, seq, kind, verb, at) VALUES ($1, 2, 'run', 'sampled', tape.now())", [poisoned.id]);
  const { committer, sent } = committerOn(plainly);
  const outcomes = await Promise.allSettled(runs.map((run) => committer.submit(run.commit([sampled(run, 1)]))));
  expect(outcomes.map(({ status }) => status)).toEqual(runs.map((run) => (run === poisoned ? "rejected" : "fulfilled")));
  expect(outcomes[5]).toMatchObject({ reason: { code: "23505" } });
  expect(sent.length).toBeLessThan(10);
  // And whoever comes after it is served.
  const after = await drivenRun(store);
  expect(await committer.submit(after.commit([sampled(after, 1)]))).toMatchObject({ ok: true });
});

test("a database that is away is asked again until the lease would have run out, each for itself", async () => {
  const [patient, short] = await Promise.all([drivenRun(store), drivenRun(store)]);
  let isAway = true;
  const { committer } = committerOn((query, statement) => (isAway ? Promise.reject(broken("ECONNREFUSED")) : query(statement)));
  const held = committer.submit(patient.commit([sampled(patient, 1)]));
  const given = committer.submit(short.commit([sampled(short, 1)], { ttlMs: 1 }));
  isAway = false;
  expect(await held).toMatchObject({ ok: true });
  expect(await given).toMatchObject({ ok: true });
  isAway = true;
  await expect(committer.submit(short.commit([sampled(short, 2)], { first: 1, ttlMs: 1 }))).rejects.toMatchObject({ code: "unavailable" });
  expect(await seqOf(short)).toBe(2);
});

test("a connection that falls silent is given up within the lease, and nobody's commit waits for it", async () => {
  const [run, other] = await Promise.all([drivenRun(store), drivenRun(store)]);
  let isSilent = false;
  const { committer, sent } = committerOn((query, statement) => {
    if (isSilent) return query(statement);
    isSilent = true;
    // Sent, and never answered: what reads the timeout is the connection, so it is asked for something that takes longer.
    return query({ ...statement, name: undefined, text: "SELECT pg_sleep(3600)", values: [] } as QueryConfig);
  });
  const outcomes = await Promise.all([committer.submit(run.commit([sampled(run, 1)], { ttlMs: 4_000 })), committer.submit(other.commit([sampled(other, 1)]))]);
  expect(outcomes).toMatchObject([{ ok: true, seq: 2 }, { ok: true, seq: 2 }]);
  expect(sent).toHaveLength(3);
});

test("D20 a commit that was given up while it waited for a lock, and goes through later, is one with the one sent again", async () => {
  const run = await drivenRun(store);
  const { committer, sent } = committerOn(plainly);
  const holder = await store.pool.connect();
  await holder.query("BEGIN");
  await holder.query("SELECT FROM tape.runs WHERE id = $1 FOR UPDATE", [run.id]);
  const committing = committer.submit(run.commit([sampled(run, 1)], { ttlMs: 4_000 }));
  await expect.poll(() => sent.length, { timeout: 10_000 }).toBe(2).finally(async () => {
    await holder.query("ROLLBACK");
    holder.release();
  });
  expect(await committing).toMatchObject({ ok: true, seq: 2, recorded: 1 });
  expect(await seqOf(run)).toBe(2);
});

test("R4 a driver that lost its run and the one that has it now, in one process, are never in one batch", async () => {
  const [busy, run] = await Promise.all([drivenRun(store), drivenRun(store)]);
  let proceed: () => void = () => {};
  let isFirst = true;
  const { committer, sent } = committerOn(async (query, statement) => {
    if (isFirst) {
      isFirst = false;
      await new Promise<void>((resolve) => (proceed = resolve));
    }
    return await query(statement);
  });
  const first = committer.submit(busy.commit([sampled(busy, 1)]));
  // The older driver would park the run; the newer one has said something. Both wait behind a slow commit.
  const older = committer.submit(run.commit([], { end: { to: "WAITING", waits: [], inbox: 0, closing: [] } }));
  await store.pool.query("UPDATE tape.runs SET epoch = 2, recorded = 0, owner = 'wrk_newer' WHERE id = $1", [run.id]);
  const newer = committer.submit(run.commit([sampled(run, 1), sampled(run, 2)], { epoch: 2, owner: "wrk_newer" }));
  proceed();
  expect(await first).toMatchObject({ ok: true });
  expect(await older).toMatchObject({ ok: false, refused: "lease_lost" });
  expect(await newer).toMatchObject({ ok: true, seq: 3, recorded: 2 });
  expect(sent.map((batch) => batch.runs)).toEqual([[busy.id], [run.id], [run.id]]);
  const { rows } = await store.pool.query<{ seq: number }>("SELECT seq FROM tape.entries WHERE run_id = $1 ORDER BY seq", [run.id]);
  expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3]);
});
