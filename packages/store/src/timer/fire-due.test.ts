import { afterAll, beforeAll, expect, test } from "vitest";
import { allows, RUN_STATUSES, runMachine, type RunStatus } from "@tape/core";
import { appendToRun } from "../journal/append.ts";
import { readJournal } from "../journal/read.ts";
import { getRun } from "../run/get.ts";
import { sendSignal } from "../signal/send.ts";
import { makeGate, makeRun, makeTimer, openTestStore, parkOn, type TestStore } from "../testing/index.ts";
import { inTransaction } from "../transaction.ts";
import { fireDueTimers } from "./fire-due.ts";
import { listTimers } from "./list.ts";
import { nextTimerAt } from "./next-at.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore({ max: 20 });
});
afterAll(() => store.close());

const verbs = async (runId: string) => (await readJournal(store, { runId })).items.map(({ kind, verb }) => `${kind}.${verb}`);
const shape = (status: RunStatus) => ({ status, ...((status === "COMPENSATING" || status === "COMPENSATED") && { endedAs: "COMPLETED" as const }) });

async function sleeping(inMs: number) {
  const { id: runId } = await makeRun(store);
  const timer = await makeTimer(store, runId, { inMs });
  await parkOn(store, runId, [{ on: "sleep", timerId: timer.id, until: "2026-01-01T00:00:00.000Z" }]);
  return { runId, timer };
}

async function awaiting(name: string, inMs: number, runId?: string) {
  runId ??= (await makeRun(store)).id;
  const key = `${runId}//d0/${name}/${Math.random()}`;
  await inTransaction(store, (tx) => appendToRun(tx, { runId: runId!, happenings: [{ kind: "signal", verb: "awaited", payload: { key, name, deadlineAt: null } }] }));
  await makeTimer(store, runId, { kind: "signal_timeout", ref: key, inMs });
  return { runId, key, wait: { on: "signal" as const, key, name } };
}

test("a sleep that is over wakes its run, once; one that is not is left", async () => {
  const over = await sleeping(-1);
  const later = await sleeping(60_000);
  expect(await fireDueTimers(store)).toEqual({ fired: 1, more: false });
  expect(await fireDueTimers(store)).toEqual({ fired: 0, more: false });
  expect(await getRun(store, { id: over.runId })).toMatchObject({ status: "RUNNABLE" });
  expect(await verbs(over.runId)).toEqual(["run.started", "timer.fired"]);
  expect(await listTimers(store, over)).toMatchObject([{ id: over.timer.id, kind: "wake", status: "FIRED", attempts: 1 }]);
  expect(await getRun(store, { id: later.runId })).toMatchObject({ status: "WAITING" });
  await store.pool.query("DELETE FROM tape.timers");
});

test("1,000 timers due at once, three workers: every run is woken once, none is lost", async () => {
  const sleepers: string[] = [];
  for (let n = 0; n < 1000; n += 50) sleepers.push(...(await Promise.all(Array.from({ length: 50 }, () => sleeping(-n)))).map(({ runId }) => runId));
  const work = async () => {
    let fired = 0;
    while ((await nextTimerAt(store))?.inMs === 0) fired += (await fireDueTimers(store, { limit: 100 })).fired;
    return fired;
  };
  const fired = await Promise.all([work(), work(), work()]);
  expect(fired.reduce((sum, n) => sum + n)).toBe(1000);
  const { rows } = await store.pool.query("SELECT status, inbox, seq, count(*)::int AS n FROM tape.runs WHERE id = ANY ($1) GROUP BY 1, 2, 3", [sleepers]);
  expect(rows).toEqual([{ status: "RUNNABLE", inbox: 1, seq: 2, n: 1000 }]);
});

test("several timers of one run are one arrival each, in one commit", async () => {
  const { id: runId } = await makeRun(store);
  const first = await makeTimer(store, runId, { inMs: -20 });
  const second = await makeTimer(store, runId, { inMs: -10 });
  await parkOn(store, runId, [{ on: "sleep", timerId: second.id, until: "2026-01-01T00:00:00.000Z" }]);
  await fireDueTimers(store);
  const { items } = await readJournal(store, { runId });
  expect(items.slice(1).map(({ payload }) => payload)).toEqual([{ timerId: first.id, kind: "wake" }, { timerId: second.id, kind: "wake" }]);
  expect((await store.pool.query("SELECT inbox, status FROM tape.runs WHERE id = $1", [runId])).rows).toEqual([{ inbox: 2, status: "RUNNABLE" }]);
});

test("a run that somebody holds is passed over without waiting, and fired in the next pass", async () => {
  const { runId } = await sleeping(-1);
  const holder = await store.pool.connect();
  await holder.query("BEGIN");
  await holder.query("SELECT FROM tape.runs WHERE id = $1 FOR UPDATE", [runId]);
  expect(await fireDueTimers(store)).toEqual({ fired: 0, more: false });
  await holder.query("ROLLBACK");
  holder.release();
  expect(await fireDueTimers(store)).toEqual({ fired: 1, more: false });
});

test.each(RUN_STATUSES.map((status) => [status]))("a due timer of a run that is %s", async (status) => {
  const { id: runId } = await makeRun(store, shape(status));
  const timer = await makeTimer(store, runId, { inMs: -1 });
  if (status === "WAITING") await parkOn(store, runId, [{ on: "sleep", timerId: timer.id, until: "2026-01-01T00:00:00.000Z" }]);
  await fireDueTimers(store);
  const isLive = allows(runMachine, status, "cancel");
  expect(await listTimers(store, { runId })).toMatchObject([{ status: isLive ? "FIRED" : "CANCELLED" }]);
  expect((await verbs(runId)).at(-1)).toBe(isLive ? "timer.fired" : "timer.cancelled");
  expect((await getRun(store, { id: runId })).status).toBe(status === "WAITING" ? "RUNNABLE" : status);
});

test("a timer on a CANCELLED run changes nothing of the run", async () => {
  const { id: runId } = await makeRun(store, { status: "CANCELLED" });
  await makeTimer(store, runId, { inMs: -1 });
  const before = await getRun(store, { id: runId });
  await fireDueTimers(store);
  expect(await getRun(store, { id: runId })).toMatchObject({ status: "CANCELLED", settledAt: before.settledAt });
});

test("an await that times out brings signal.timed_out and wakes its run", async () => {
  const { runId, key, wait } = await awaiting("go", -1);
  await parkOn(store, runId, [wait]);
  await fireDueTimers(store);
  expect((await readJournal(store, { runId })).items.slice(-2)).toMatchObject([{ verb: "timed_out", payload: { key, name: "go" } }, { kind: "timer", verb: "fired" }]);
  expect(await getRun(store, { id: runId })).toMatchObject({ status: "RUNNABLE" });
});

test("a signal that came in time is not overtaken by the deadline that passed while nobody drove the run", async () => {
  const { runId, wait } = await awaiting("go", -1);
  await parkOn(store, runId, [wait]);
  await sendSignal(store, { runId, name: "go", by: "user:ann@example.com" });
  await fireDueTimers(store);
  expect(await verbs(runId)).toEqual(["run.started", "signal.awaited", "signal.received", "timer.cancelled"]);
});

test("the deadline of a gate that was closed brings nothing", async () => {
  const { id: runId } = await makeRun(store);
  const gate = await makeGate(store, runId, { deadlineMs: -1 });
  await store.pool.query("UPDATE tape.gates SET status = 'CANCELLED', outcome = 'cancelled', decided_at = tape.now() WHERE id = $1", [gate.id]);
  await fireDueTimers(store);
  expect(await verbs(runId)).toEqual(["run.started", "gate.opened", "timer.cancelled"]);
  expect((await store.pool.query("SELECT inbox FROM tape.runs WHERE id = $1", [runId])).rows).toEqual([{ inbox: 0 }]);
});

test("of two awaits of one name and one signal, the later await times out", async () => {
  const first = await awaiting("go", -2);
  const second = await awaiting("go", -1, first.runId);
  await parkOn(store, first.runId, [first.wait, second.wait]);
  await sendSignal(store, { runId: first.runId, name: "go", by: "token:ci" });
  await fireDueTimers(store);
  const timedOut = (await readJournal(store, { runId: first.runId })).items.filter(({ verb }) => verb === "timed_out");
  expect(timedOut.map(({ payload }) => payload)).toEqual([{ key: second.key, name: "go" }]);
});

test("the next timer is told by the database's clock; kinds with a handler of their own are not counted", async () => {
  await store.pool.query("DELETE FROM tape.timers");
  expect(await nextTimerAt(store)).toBeNull();
  const { id: runId } = await makeRun(store);
  await makeTimer(store, runId, { kind: "nightly", inMs: -1 });
  expect(await nextTimerAt(store)).toBeNull();
  expect(await nextTimerAt(store, { kinds: ["nightly"] })).toEqual({ inMs: 0 });
  await makeTimer(store, runId, { inMs: 5_000 });
  const { inMs } = (await nextTimerAt(store))!;
  expect(inMs).toBeGreaterThan(4_000);
  expect(inMs).toBeLessThanOrEqual(5_000);
  expect(await fireDueTimers(store)).toEqual({ fired: 0, more: false });
});
