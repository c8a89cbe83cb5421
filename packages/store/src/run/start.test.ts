import { afterAll, beforeAll, expect, test } from "vitest";
import { readJournal } from "../journal/read.ts";
import { openTestStore, type TestStore } from "../testing/index.ts";
import { getRun } from "./get.ts";
import { listenForHints } from "../hint/listen.ts";
import { runIdOfInvocation, startRuns } from "./start-many.ts";
import { startRun } from "./start.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore({ max: 20 });
});
afterAll(() => store.close());

const base = { app: "treasury", agent: "sweep", startedBy: "token:ci" };

test("R3 start twice with one invocationId: one run, the second answer says resumed", async () => {
  const first = await startRun(store, { ...base, invocationId: "inv-1", input: { b: 1, a: 2 }, labels: { team: "ops" } });
  const second = await startRun(store, { ...base, invocationId: "inv-1", input: { a: 2, b: 1 } });
  expect(first).toMatchObject({ resumed: false, run: { status: "RUNNABLE", seq: 1, input: { b: 1, a: 2 }, labels: { team: "ops" }, invocationId: "inv-1" } });
  expect(second.resumed).toBe(true);
  expect(second.run.id).toBe(first.run.id);
  expect(first.run.id).toBe(runIdOfInvocation("treasury", "inv-1"));
  expect((await readJournal(store, { runId: first.run.id })).items).toHaveLength(1);
});

test("R3 the same invocation with another input or agent is invocation_conflict, and names the run", async () => {
  const { run } = await startRun(store, { ...base, invocationId: "inv-2", input: 1 });
  for (const other of [{ input: 2 }, { input: 1, agent: "other" }]) {
    await expect(startRun(store, { ...base, invocationId: "inv-2", ...other })).rejects.toMatchObject({ code: "invocation_conflict", details: { runId: run.id } });
  }
  const elsewhere = await startRun(store, { ...base, app: "other-app", invocationId: "inv-2", input: 2 });
  expect(elsewhere.resumed).toBe(false);
});

test("R3 twenty at once with one invocationId: one run was started", async () => {
  const starts = await Promise.all(Array.from({ length: 20 }, () => startRun(store, { ...base, invocationId: "inv-many", input: null })));
  expect(new Set(starts.map(({ run }) => run.id)).size).toBe(1);
  expect(starts.filter(({ resumed }) => !resumed)).toHaveLength(1);
});

test("many are started by one call, each with its own outcome, refusals included", async () => {
  await startRun(store, { ...base, invocationId: "known", input: 1 });
  const outcomes = await startRuns(store, [
    { ...base, input: 1 },
    { ...base, invocationId: "known", input: 1 },
    { ...base, invocationId: "known", input: 2 },
    { ...base, invocationId: "twice", input: 1 },
    { ...base, invocationId: "twice", input: 1 },
    { ...base, invocationId: "twice", input: 2 },
    { ...base, agent: "" },
    { ...base, labels: { "a:b": "x" } },
    { ...base, input: "x".repeat(1024 * 1024) },
    { ...base, input: Number.NaN },
  ]);
  expect(outcomes.map((outcome) => ("refused" in outcome ? outcome.refused.code : outcome.resumed))).toEqual([
    false, true, "invocation_conflict", false, true, "invocation_conflict", "invalid_input", "invalid_input", "payload_too_large", "invalid_input",
  ]);
});

test("batches that name the same invocations in opposite orders do not lock each other out", async () => {
  for (let round = 0; round < 5; round++) {
    const inputs = Array.from({ length: 300 }, (_, n) => ({ ...base, invocationId: `cross-${round}-${n}`, input: n }));
    const batches = await Promise.all(Array.from({ length: 8 }, (_, n) => startRuns(store, n % 2 ? inputs : [...inputs].reverse())));
    const fresh = batches.flat().filter((outcome) => "runId" in outcome && !outcome.resumed);
    expect(fresh).toHaveLength(300);
  }
});

test("an Idempotency-Key without an invocation is one run for its caller, and belongs to one request", async () => {
  const keyed = { ...base, idempotencyKey: "k-1", input: { n: 1 } };
  const [one, two] = await Promise.all([startRun(store, keyed), startRun(store, keyed)]);
  expect(one.run.id).toBe(two.run.id);
  expect([one.resumed, two.resumed].sort()).toEqual([false, true]);
  await expect(startRun(store, { ...keyed, input: { n: 2 } })).rejects.toMatchObject({ code: "invocation_conflict" });
  const other = await startRun(store, { ...keyed, startedBy: "token:other" });
  expect(other.run.id).not.toBe(one.run.id);
});

test("a start by a person is audited, one by a token is in the journal alone", async () => {
  const person = await startRun(store, { ...base, startedBy: "user:ann@example.com", input: 1 });
  const machine = await startRun(store, { ...base, input: 1 });
  const audited = await store.pool.query("SELECT actor, action FROM tape.audit WHERE target = ANY ($1)", [[person.run.id, machine.run.id]]);
  expect(audited.rows).toEqual([{ actor: "user:ann@example.com", action: "run.start" }]);
});

test("a start wakes a worker, after the commit", async () => {
  const heard: unknown[] = [];
  let isReady = false;
  const listener = listenForHints({ connectionString: store.database.url, onHints: (hints) => heard.push(...hints), onResync: () => (isReady = true) });
  await expect.poll(() => isReady).toBe(true);
  const { run } = await startRun(store, { ...base, input: 1 });
  await expect.poll(() => heard).toContainEqual({ on: "run", id: run.id, seq: 1, wake: true });
  await listener.stop();
});

test("L3 text that PostgreSQL cannot hold is invalid_input, and stores nothing; inside an input it is kept", async () => {
  for (const bad of [{ agent: "a\0b" }, { invocationId: "\ud800" }, { labels: { a: "\0" } }, { labels: { a: "\udfff" } }]) {
    await expect(startRun(store, { ...base, ...bad })).rejects.toMatchObject({ code: "invalid_input" });
  }
  const { run } = await startRun(store, { ...base, input: { text: "a\0b\ud800" } });
  expect((await getRun(store, { id: run.id })).input).toEqual({ text: "a\0b\ud800" });
});

test("L3 the invocation of a run that was given none cannot be taken by another", async () => {
  const { run } = await startRun(store, { ...base, input: 1 });
  await expect(startRun(store, { ...base, invocationId: run.invocationId, input: 1 })).rejects.toMatchObject({ code: "invalid_input" });
});

test("L3 ids that are none are not found", async () => {
  for (const id of ["", "run_", "../../etc", "run_\0", "run_00000000000000000000000000", "gate_00000000000000000000000000"]) {
    await expect(getRun(store, { id })).rejects.toMatchObject({ code: "not_found" });
    await expect(readJournal(store, { runId: id })).rejects.toMatchObject({ code: "not_found" });
  }
});
