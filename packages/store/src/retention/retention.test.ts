import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { appendAudit } from "../audit/append.ts";
import { listAudit } from "../audit/list.ts";
import { sealAudit } from "../audit/seal.ts";
import { verifyAudit } from "../audit/verify.ts";
import { recordLateOutcome } from "../driver/late.ts";
import { getEffect } from "../effect/get.ts";
import { feedHead } from "../feed/window.ts";
import { listGates } from "../gate/list.ts";
import { appendToRun } from "../journal/append.ts";
import { readJournal } from "../journal/read.ts";
import { pruneIdempotencyKeys } from "../idempotency/prune.ts";
import { listObligations } from "../obligation/list.ts";
import { cancelRun } from "../run/cancel.ts";
import { compensateRun } from "../run/compensate.ts";
import { compensationPlan } from "../run/compensation-plan.ts";
import { getRun } from "../run/get.ts";
import { startRun } from "../run/start.ts";
import { startRuns } from "../run/start-many.ts";
import { actors, makeEffect, makeGate, makeObligation, makeRun, makeTimer, openTestStore, type RunShape, type TestStore } from "../testing/index.ts";
import { inTransaction } from "../transaction.ts";
import { setValue } from "../value/set.ts";
import { announceRetention } from "./announce.ts";
import { deleteRuns } from "./delete-runs.ts";
import { dropBodies } from "./drop-bodies.ts";
import type { OldStatus } from "./old-runs.ts";

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

const DAY = 86_400_000;
const STATUSES: OldStatus[] = ["COMPLETED", "FAILED", "CANCELLED", "COMPENSATED"];

/** All that was recorded of a run happened so much earlier. */
async function age(id: string, days: number): Promise<void> {
  await store.pool.query("UPDATE tape.runs SET ended_at = ended_at - $2 * interval '1 day', created_at = created_at - $2 * interval '1 day' WHERE id = $1", [id, days]);
  await store.pool.query("UPDATE tape.entries SET at = at - $2 * interval '1 day' WHERE run_id = $1", [id, days]);
}

async function oldRun(shape: RunShape = {}, { with: add = async () => {}, days = 40 }: { with?: (id: string) => Promise<unknown>; days?: number } = {}): Promise<string> {
  const { id } = await makeRun(store, { status: "COMPLETED", ...shape });
  await add(id);
  await age(id, days);
  return id;
}

const remove = async (fields: { afterMs?: number; compensableForMs?: number | null } = {}) =>
  (await Promise.all(STATUSES.map((status) => deleteRuns(store, { status, afterMs: 30 * DAY, compensableForMs: null, ...fields })))).flatMap(({ runs }) => runs);
const thin = async (afterMs = 30 * DAY) => (await Promise.all(STATUSES.map((status) => dropBodies(store, { status, afterMs })))).flatMap(({ runs }) => runs);
const left = async (id: string) => {
  const tables = ["runs", "entries", "bodies", "effects", "gates", "timers", "obligations"];
  const counts = await Promise.all(
    tables.map(async (table) => [table, (await store.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM tape.${table} WHERE ${table === "runs" ? "id" : "run_id"} = $1`, [id])).rows[0]!.n] as const),
  );
  return Object.fromEntries(counts.filter(([, n]) => n > 0));
};

/** A run with one of everything, all of it over. */
async function fullRun(shape: RunShape = {}): Promise<string> {
  return oldRun(shape, {
    with: async (id) => {
      await makeObligation(store, id);
      await makeGate(store, id);
      await makeTimer(store, id, { status: "FIRED" });
      await setValue(store, { namespace: `runs/${id}`, key: "progress", value: { done: 1, total: 2 }, writer: `run:${id}` });
      await setValue(store, { namespace: `runs/${id}`, key: "progress", value: { done: 2, total: 2 }, writer: `run:${id}` });
    },
  });
}

describe("dropBodies", () => {
  test("takes the payloads and leaves lines that say so; whoever reads the run goes on reading", async () => {
    const id = await fullRun({ input: { iban: "DE02" }, output: { paid: 12 } });
    const before = (await readJournal(store, { runId: id })).items;
    const [gate] = (await listGates(store, { runId: id })).items;
    expect(await thin()).toEqual([id]);
    const { items } = await readJournal(store, { runId: id });
    expect(items).toEqual(before.map((entry) => ({ ...entry, payload: {}, dropped: true })));
    expect(before.some(({ dropped }) => dropped)).toBe(false);
    expect(await getRun(store, { id })).toMatchObject({ status: "COMPLETED", input: null, output: null, seq: before.length });
    const [obligation] = (await listObligations(store, { runId: id })).items;
    expect(obligation).toMatchObject({ status: "REGISTERED", payload: { result: { ref: "bank-7" } } });
    expect(await getEffect(store, { id: obligation!.effectId })).toMatchObject({ status: "CONFIRMED", request: null, response: null });
    expect((await compensationPlan(store, { id })).items).toHaveLength(1);
    expect((await listGates(store, { runId: id })).items).toEqual([{ ...gate!, payload: null, form: null, display: null }]);
    expect(await thin()).toEqual([]);
  });

  test("a late report of the outcome that stood is no contradiction", async () => {
    const id = await fullRun();
    const [obligation] = (await listObligations(store, { runId: id })).items;
    const effect = await getEffect(store, { id: obligation!.effectId });
    await thin();
    await recordLateOutcome(store, { runId: id, effectId: effect.id, key: effect.key, outcome: { status: "confirmed", result: { ref: "bank-7" } } });
    expect((await listObligations(store, { runId: id })).items).toHaveLength(1);
  });

  test("a run that is compensated afterwards is thinned out again, once that is old", async () => {
    const id = await oldRun();
    expect(await thin()).toEqual([id]);
    await compensateRun(store, { id, reason: "wrong file", actor: actors.operator });
    expect(await thin(0)).toEqual([]);
    await inTransaction(store, async (tx) => {
      await tx.query("SELECT FROM tape.runs WHERE id = $1 FOR UPDATE", [id]);
      await appendToRun(tx, { runId: id, happenings: [{ kind: "run", verb: "compensated", payload: {} }], event: "compensated" });
    });
    expect(await thin()).toEqual([]);
    expect(await left(id)).toMatchObject({ bodies: 2 });
    await age(id, 40);
    expect(await thin()).toEqual([id]);
    expect(await left(id)).not.toHaveProperty("bodies");
  });
});

describe("deleteRuns", () => {
  test.each(STATUSES)("%s: all of a run goes, with its values; audit, invocation and business key stay", async (status) => {
    const shape: RunShape = { status, invocationId: "batch-7", input: { file: 7 }, ...(status === "COMPENSATED" && { endedAs: "COMPLETED" }) };
    const id = await oldRun(shape, {
      with: async (runId) => {
        await setValue(store, { namespace: `runs/${runId}`, key: "progress", value: 1, writer: "test" });
        await makeGate(store, runId);
        await makeTimer(store, runId, { status: "FIRED" });
        const { effect } = await makeObligation(store, runId, { businessKey: "invoice-7", dispatch: "OUTBOX" });
        await store.pool.query("UPDATE tape.obligations SET status = 'COMPENSATED', settled_at = tape.now() WHERE effect_id = $1", [effect.id]);
        await inTransaction(store, (tx) => appendAudit(tx, { actor: "user:ann", action: "run.start", target: runId, runId }));
      },
    });
    const young = await makeRun(store, { status: "COMPLETED" });
    await sealAudit(store);
    expect(await remove()).toEqual([id]);
    expect(await left(id)).toEqual({});
    for (const table of [`"values"`, "value_history"]) expect((await store.pool.query(`SELECT FROM tape.${table}`)).rowCount, table).toBe(0);
    await expect(getRun(store, { id })).rejects.toMatchObject({ code: "not_found" });
    await expect(readJournal(store, { runId: id })).rejects.toMatchObject({ code: "not_found" });
    expect(await getRun(store, { id: young.id })).toMatchObject({ status: "COMPLETED" });
    expect((await listAudit(store, { runId: id })).items).toHaveLength(1);
    expect(await verifyAudit(store)).toMatchObject({ brokenAt: null, unsealed: [] });
    expect((await store.pool.query("SELECT run_id FROM tape.business_keys")).rows).toEqual([{ run_id: id }]);

    const again = { app: "test", agent: "pay", input: { file: 7 }, invocationId: "batch-7", startedBy: "test" };
    await expect(startRun(store, again)).rejects.toMatchObject({ code: "invocation_conflict", details: { runId: id, deleted: true }, message: expect.stringContaining("deleted by retention") });
    expect(await startRuns(store, [again])).toEqual([{ runId: id, resumed: true }]);
    expect(await left(id)).toEqual({});
  });

  const KEPT: [string, () => Promise<string>][] = [
    ["younger", () => oldRun({}, { days: 29 })],
    ["with a new entry", async () => {
      const id = await oldRun();
      await inTransaction(store, async (tx) => {
        await tx.query("SELECT FROM tape.runs WHERE id = $1 FOR UPDATE", [id]);
        await appendToRun(tx, { runId: id, happenings: [{ kind: "effect", verb: "late_failure", payload: { effectId: "eff_1", key: "k", error: { name: "Error", message: "late" } } }] });
      });
      return id;
    }],
    ["RUNNABLE", () => oldRun({ status: "RUNNABLE" })],
    ["RUNNING", () => oldRun({ status: "RUNNING" })],
    ["WAITING", () => oldRun({ status: "WAITING" })],
    ["STUCK by poison", () => oldRun({ status: "STUCK" })],
    ["STUCK in a compensation", () => oldRun({ status: "STUCK", endedAs: "COMPLETED", stuck: { code: "compensation", message: "the bank is closed", obligationId: "obl_1" } })],
    ["COMPENSATING", () => oldRun({ status: "COMPENSATING", endedAs: "COMPLETED" })],
    ["CANCELLED and not settled", () => oldRun({ status: "CANCELLED", owner: "wrk_test" })],
    ["with an UNKNOWN effect", () => oldRun({}, { with: (id) => makeEffect(store, id, { status: "UNKNOWN" }) })],
    ["with a PENDING effect of the outbox", () => oldRun({}, { with: (id) => makeEffect(store, id, { status: "PENDING", dispatch: "OUTBOX" }) })],
    ["with an armed obligation", () => oldRun({}, { with: (id) => makeObligation(store, id, { status: "PENDING" }) })],
    ["with a STUCK obligation", () => oldRun({}, { with: (id) => makeObligation(store, id, { status: "STUCK" }) })],
    ["whose parent is live", async () => oldRun({ parentRunId: (await makeRun(store, { status: "WAITING" })).id })],
    ["that a sink has not passed", async () => {
      const head = await feedHead(store);
      const id = await oldRun();
      await store.pool.query("INSERT INTO tape.sinks (id, cursor, passed, updated_at) VALUES ('slow', 'c', $1::xid8, tape.now())", [head]);
      return id;
    }],
  ];
  test.each(KEPT)("never one that is %s, nor its bodies", async (_what, make) => {
    const id = await make();
    const before = await left(id);
    expect(await thin()).toEqual([]);
    expect(await remove({ compensableForMs: 0 })).toEqual([]);
    expect(await left(id)).toEqual(before);
  });

  test("a run with something to undo stays while it may be compensated, for ever unless it is said for how long", async () => {
    const id = await oldRun({}, { with: (runId) => makeObligation(store, runId) });
    expect(await remove()).toEqual([]);
    expect(await remove({ compensableForMs: 41 * DAY })).toEqual([]);
    expect(await remove({ compensableForMs: 39 * DAY })).toEqual([id]);
  });

  test("the plan says until when a run can be compensated, as the workers announced it", async () => {
    const id = await oldRun({}, { with: (runId) => makeObligation(store, runId), days: 10 });
    const { rows } = await store.pool.query<{ ended: Date }>("SELECT ended_at AS ended FROM tape.runs");
    const until = async () => (await compensationPlan(store, { id })).compensableUntil;
    expect(await until()).toBeUndefined();
    await announceRetention(store, { runsAfterMs: { COMPLETED: 30 * DAY }, compensableForMs: null });
    expect(await until()).toBeUndefined();
    await announceRetention(store, { runsAfterMs: { COMPLETED: 30 * DAY }, compensableForMs: 90 * DAY });
    expect(await until()).toBe(new Date(rows[0]!.ended.getTime() + 90 * DAY).toISOString());
    await announceRetention(store, { runsAfterMs: { FAILED: 30 * DAY }, compensableForMs: 90 * DAY });
    expect(await until()).toBeUndefined();
    const nothing = await oldRun();
    expect((await compensationPlan(store, { id: nothing })).compensableUntil).toBeUndefined();
  });

  test("what a sink has passed goes, and so does what only a stopped one has not", async () => {
    const [one, two] = [await oldRun(), await oldRun()];
    const head = await feedHead(store);
    await store.pool.query("INSERT INTO tape.sinks (id, cursor, passed, updated_at) VALUES ('quick', 'c', $1::xid8, tape.now())", [head]);
    const later = await oldRun();
    expect((await remove()).toSorted()).toEqual([one, two].toSorted());
    await store.pool.query("UPDATE tape.sinks SET stopped_at = tape.now()");
    expect(await remove()).toEqual([later]);
  });

  test("goes on after those it may not take, passes over what somebody holds, and ends", async () => {
    const kept = [];
    for (let n = 0; n < 5; n++) kept.push(await oldRun({}, { with: (id) => makeEffect(store, id), days: 60 + n }));
    const held = await oldRun({}, { days: 50 });
    const last = await oldRun({}, { days: 45 });
    const client = await store.pool.connect();
    await client.query("BEGIN");
    await client.query("SELECT FROM tape.runs WHERE id = $1 FOR UPDATE", [held]);
    const which = { status: "COMPLETED", afterMs: 30 * DAY, compensableForMs: null, limit: 2 } as const;
    const seen: string[][] = [];
    for (let from: Awaited<ReturnType<typeof deleteRuns>>["next"] = null, passes = 0; passes < 10; passes++) {
      const { runs, next } = await deleteRuns(store, { ...which, from });
      seen.push(runs);
      from = next;
      if (next === null) break;
    }
    await client.query("ROLLBACK");
    client.release();
    expect(seen).toEqual([[], [], [], [last]]);
    expect((await deleteRuns(store, { ...which, limit: 50 })).runs).toEqual([held]);
    for (const id of kept) expect(await left(id)).toHaveProperty("runs");
  });

  test("one transaction takes few of the large runs", async () => {
    for (let n = 0; n < 3; n++) await oldRun({}, { with: (id) => store.pool.query("UPDATE tape.runs SET seq = 15000 WHERE id = $1", [id]), days: 60 - n });
    await store.pool.query("INSERT INTO tape.entries (run_id, seq, kind, verb, at) SELECT id, 15000, 'run', 'sampled', now() - interval '40 days' FROM tape.runs");
    const first = await deleteRuns(store, { status: "COMPLETED", afterMs: 30 * DAY, compensableForMs: null });
    expect(first.runs).toHaveLength(2);
    const second = await deleteRuns(store, { status: "COMPLETED", afterMs: 30 * DAY, compensableForMs: null, from: first.next });
    expect(second).toMatchObject({ runs: [expect.any(String)], next: null });
  });

  test("two workers at once take each run once, and a person who cancels meanwhile is told that it is gone", async () => {
    const ids = [];
    for (let n = 0; n < 20; n++) ids.push(await oldRun());
    const taken = (await Promise.all([remove(), remove(), remove()])).flat();
    expect(taken.toSorted()).toEqual(ids.toSorted());
    await expect(cancelRun(store, { id: ids[0]!, reason: "too late", actor: actors.operator })).rejects.toMatchObject({ code: "not_found" });
  });

  test("the lists are read by their indexes", async () => {
    await store.pool.query(
      `INSERT INTO tape.runs (id, app, agent, invocation_id, fingerprint, status, started_by, created_at, ended_at, settled_at, seq, due_at, outcome_seq)
       SELECT 'run_' || n, 'test', 'pay', 'run_' || n, 'f', 'COMPLETED', 'test', now(), now() - n * interval '1 s', now(), 1, now(), 1 FROM generate_series(1, 20000) n`,
    );
    await store.pool.query("ANALYZE tape.runs");
    const plan = async (list: string) =>
      JSON.stringify((await store.pool.query(`EXPLAIN (FORMAT JSON) SELECT r.id FROM tape.runs r WHERE r.status = 'COMPLETED' AND ${list} AND r.ended_at <= tape.now() - 3600000 * interval '1 ms'
        AND (r.ended_at, r.id) > ('-infinity'::timestamptz, '') ORDER BY r.ended_at, r.id LIMIT 500`)).rows);
    expect(await plan("true")).toMatch(/runs_to_(delete|thin)/);
    expect(await plan("r.thinned_as IS DISTINCT FROM r.status")).toContain("runs_to_thin");
    expect(await plan("true")).not.toContain("Seq Scan");
  });
});

test("keys of requests are forgotten after a week", async () => {
  const insert = "INSERT INTO tape.idempotency_keys (scope, key, fingerprint, answer, created_at) VALUES ('s', $1, 'f', 'a', tape.now() - $2 * interval '1 day')";
  for (const [key, days] of [["young", 6.9], ["old", 7.1], ["older", 9]] as const) await store.pool.query(insert, [key, days]);
  expect(await pruneIdempotencyKeys(store, { limit: 1 })).toEqual({ pruned: 1, more: true });
  expect(await pruneIdempotencyKeys(store)).toEqual({ pruned: 1, more: false });
  expect((await store.pool.query("SELECT key FROM tape.idempotency_keys")).rows).toEqual([{ key: "young" }]);
});
