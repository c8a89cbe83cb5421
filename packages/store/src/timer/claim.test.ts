import { RUN_STATUSES, type RunStatus } from "@tape/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readJournal } from "../journal/read.ts";
import { actors, makeEffect, makeRun, makeTimer, openTestStore, type TestStore, type TimerShape } from "../testing/index.ts";
import { claimEffectsToCheck } from "../effect/claim-to-check.ts";
import { recordObservation } from "../effect/observe.ts";
import { registerWorker } from "../worker/register.ts";
import { cancelTimer } from "./cancel.ts";
import { claimTimers, type ClaimedTimer } from "./claim.ts";
import { timerFailed } from "./failed.ts";
import { getTimer } from "./get.ts";
import { timerHandled, timersHandled } from "./handled.ts";
import { nextTimerAt } from "./next-at.ts";
import { setTimer } from "./set.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore({ max: 20 });
});
afterAll(() => store.close());
beforeEach(() => store.pool.query("DELETE FROM tape.timers"));

const NIGHTLY = { app: "test", kind: "nightly" };
const claim = (owner = "wrk_1", limit = 100, kinds = [NIGHTLY]) => claimTimers(store, { owner, kinds, limit });
const reportOf = ({ runId, id, claim }: ClaimedTimer) => ({ runId, id, claim });
const told = async (runId: string) => (await readJournal(store, { runId })).items.slice(1).map(({ kind, verb, payload }) => ({ is: `${kind}.${verb}`, ...(payload as object) }));
const counted = async (runId: string) => (await store.pool.query("SELECT status, inbox FROM tape.runs WHERE id = $1", [runId])).rows[0];
const shape = (status: RunStatus) => ({ status, ...((status === "COMPENSATING" || status === "COMPENSATED") && { endedAs: "COMPLETED" as const }) });

async function due(more: TimerShape = {}, run: Parameters<typeof makeRun>[1] = {}): Promise<{ runId: string; id: string }> {
  const { id: runId } = await makeRun(store, run);
  return await makeTimer(store, runId, { kind: "nightly", inMs: -1, ...more });
}

async function manyDue(count: number): Promise<string[]> {
  const made: { runId: string }[] = [];
  while (made.length < count) made.push(...(await Promise.all(Array.from({ length: 50 }, () => due()))));
  return made.map(({ runId }) => runId);
}

/** Time goes on for what a worker holds: its claims, or what waits to be tried again. */
const pass = (id: string) => store.pool.query("UPDATE tape.timers SET claim_expires_at = tape.now() WHERE id = $1", [id]);

test("T1 1,000 due at once, four claimers, one dies mid-way: every handler ran, none is lost, each fired once", async () => {
  const runIds = await manyDue(1000);
  const ran = new Map<string, number>();
  await registerWorker(store, { id: "wrk_dies", host: "h", pid: 1, lockKey: null, agents: [], tools: [] });
  const handle = (timers: ClaimedTimer[]) => timers.forEach(({ runId }) => ran.set(runId, (ran.get(runId) ?? 0) + 1));

  // It runs some of what it took and reports none of it.
  const held = await claim("wrk_dies", 150);
  handle(held.slice(0, 60));
  expect(held).toHaveLength(150);
  const work = async (owner: string) => {
    for (;;) {
      const timers = await claim(owner, 40);
      if (timers.length === 0) return;
      handle(timers);
      expect(await timersHandled(store, timers.map(reportOf))).toEqual(timers.map(() => true));
    }
  };
  await Promise.all(["wrk_a", "wrk_b", "wrk_c"].map(work));
  expect((await store.pool.query("SELECT count(*)::int AS n FROM tape.timers WHERE status = 'ARMED'")).rows).toEqual([{ n: 150 }]);
  await store.pool.query("UPDATE tape.workers SET beat_at = tape.now() - interval '11 s' WHERE id = 'wrk_dies'");
  await Promise.all(["wrk_a", "wrk_b", "wrk_c"].map(work));

  expect(new Set(ran.keys())).toEqual(new Set(runIds));
  expect([...ran.values()].filter((times) => times === 2)).toHaveLength(60);
  expect(await timersHandled(store, held.map(reportOf))).toEqual(held.map(() => false));
  const { rows } = await store.pool.query(
    `SELECT t.status, t.attempts, r.inbox, r.seq, count(*)::int AS n FROM tape.timers t JOIN tape.runs r ON r.id = t.run_id GROUP BY 1, 2, 3, 4 ORDER BY 2`,
  );
  // What the dead one held was attempted twice, as far as anybody can tell.
  expect(rows).toEqual([
    { status: "FIRED", attempts: 1, inbox: 1, seq: 2, n: 850 },
    { status: "FIRED", attempts: 2, inbox: 1, seq: 2, n: 150 },
  ]);
});

test("T1 a periodic timer arms itself anew in its handler: it stays armed, and the report of the turn before is not taken", async () => {
  const { id: runId } = await makeRun(store);
  await setTimer(store, { runId, id: "sweep", kind: "nightly", inMs: 0, by: `run:${runId}` });
  for (let turn = 1; turn <= 3; turn++) {
    const [timer] = await claim();
    expect(timer).toMatchObject({ id: "sweep", attempt: 1 });
    await setTimer(store, { runId, id: "sweep", kind: "nightly", inMs: 0, by: `run:${runId}` });
    expect(await timerHandled(store, reportOf(timer!))).toBe(false);
    expect(await timerFailed(store, { ...reportOf(timer!), error: "too late" })).toEqual({ retryInMs: null });
    expect(await getTimer(store, { runId, id: "sweep" })).toMatchObject({ status: "ARMED", attempts: 0, lastError: null });
  }
  expect((await told(runId)).map(({ is }) => is)).toEqual(Array.from({ length: 4 }, () => "timer.armed"));
});

test("a claim tells the handler what it needs; only due ones, of these kinds of these apps, the longest due first", async () => {
  const late = await due({ inMs: -50, payload: { to: "acme" } });
  const later = await due({ inMs: -100 });
  await due({ inMs: 60_000 });
  await due({ kind: "weekly" });
  await due({}, { app: "other" });
  await due({ kind: "wake" });
  await due({ status: "FIRED" });
  const claimed = await claim("wrk_1", 10, [NIGHTLY, { app: "other", kind: "weekly" }]);
  expect(claimed.map(({ id }) => id)).toEqual([later.id, late.id]);
  const { fireAt } = await getTimer(store, late);
  expect(claimed[1]).toEqual({ ...late, app: "test", kind: "nightly", payload: { to: "acme" }, fireAt, attempt: 1, claim: expect.stringMatching(/^wrk_1\/rec_/) });
  expect(await claim("wrk_2")).toEqual([]);
  expect(await claimTimers(store, { owner: "wrk_1", kinds: [], limit: 10 })).toEqual([]);
  await due();
  await due();
  expect(await claim("wrk_1", 1)).toHaveLength(1);
});

test("a claim that was not reported on in time is taken by the next, and the first report is refused", async () => {
  const timer = await due();
  const [first] = await claim("wrk_1");
  expect(await claim("wrk_2")).toEqual([]);
  await pass(timer.id);
  const [second] = await claim("wrk_2");
  expect(await timerHandled(store, reportOf(first!))).toBe(false);
  expect(await timerFailed(store, { ...reportOf(first!), error: "late" })).toEqual({ retryInMs: null });
  expect(await getTimer(store, timer)).toMatchObject({ status: "ARMED", attempts: 1 });
  expect(await timersHandled(store, [reportOf(first!), reportOf(second!), reportOf(second!)])).toEqual([false, true, true]);
  expect(await timerHandled(store, reportOf(second!))).toBe(false);
  expect(await told(timer.runId)).toEqual([{ is: "timer.fired", timerId: timer.id, kind: "nightly" }]);
});

test("the claim of a live worker is left to it, that of a dead one is not", async () => {
  const timer = await due();
  await registerWorker(store, { id: "wrk_busy", host: "h", pid: 1, lockKey: null, agents: [], tools: [] });
  await claim("wrk_busy");
  expect(await claim("wrk_2")).toEqual([]);
  await store.pool.query("UPDATE tape.workers SET beat_at = tape.now() - interval '11 s' WHERE id = 'wrk_busy'");
  expect(await claim("wrk_2")).toMatchObject([{ id: timer.id }]);
});

test("a handler that throws is tried again after 1, 2, 4 and 8 s; after the fifth it is FIRED with its error", async () => {
  const timer = await due({ kind: "redrive" }, { status: "WAITING" });
  const kinds = [{ app: "test", kind: "redrive" }];
  const { fireAt } = await getTimer(store, timer);
  for (const [turn, retryInMs] of [1_000, 2_000, 4_000, 8_000, null].entries()) {
    const [claimed] = await claim("wrk_1", 10, kinds);
    expect(claimed).toMatchObject({ attempt: turn + 1, fireAt });
    expect(await timerFailed(store, { ...reportOf(claimed!), error: `no ${turn}\0` })).toEqual({ retryInMs });
    if (retryInMs === null) continue;
    expect(await getTimer(store, timer)).toMatchObject({ status: "ARMED", attempts: turn + 1, lastError: `no ${turn}`, fireAt });
    expect(await claim("wrk_2", 10, kinds)).toEqual([]);
    const { inMs } = (await nextTimerAt(store, { kinds: ["redrive"], apps: ["test"] }))!;
    expect(inMs).toBeGreaterThan(retryInMs - 900);
    expect(inMs).toBeLessThanOrEqual(retryInMs);
    await pass(timer.id);
  }
  expect(await getTimer(store, timer)).toMatchObject({ status: "FIRED", attempts: 5, lastError: "no 4" });
  const entries = await told(timer.runId);
  expect(entries.slice(0, 4)).toMatchObject([1, 2, 3, 4].map((attempt) => ({ is: "timer.attempt_failed", attempt, error: `no ${attempt - 1}`, nextAttemptAt: expect.any(String) })));
  expect(entries.slice(4)).toEqual([{ is: "timer.fired", timerId: timer.id, kind: "redrive", lastError: "no 4" }]);
  expect(await counted(timer.runId)).toEqual({ status: "WAITING", inbox: 1 });
  await expect(cancelTimer(store, { ...timer, by: "x" })).rejects.toMatchObject({ message: expect.stringContaining("failed five times") });
});

test("a handler that takes its worker with it each time gives up like one that throws", async () => {
  const { runId, id } = await due();
  for (const attempt of [1, 2, 3, 4, 5]) {
    expect(await claim(`wrk_${attempt}`)).toMatchObject([{ id, attempt }]);
    await pass(id);
  }
  expect(await claim("wrk_6")).toEqual([]);
  expect(await getTimer(store, { runId, id })).toMatchObject({ status: "FIRED", lastError: "its worker was lost each time it ran" });
  expect((await told(runId)).at(-1)).toMatchObject({ is: "timer.fired", lastError: "its worker was lost each time it ran" });
});

test("an attempt that goes through after one that failed clears the error", async () => {
  const timer = await due();
  await timerFailed(store, { ...reportOf((await claim())[0]!), error: "once" });
  await pass(timer.id);
  await timerHandled(store, reportOf((await claim())[0]!));
  expect(await getTimer(store, timer)).toMatchObject({ status: "FIRED", attempts: 2, lastError: null });
});

test.each(RUN_STATUSES.map((status) => [status]))("C6 a redrive timer that was handled, of a run that is %s", async (status) => {
  const timer = await due({ kind: "redrive", payload: { reason: "soft deadline" } });
  const [claimed] = await claim("wrk_1", 10, [{ app: "test", kind: "redrive" }]);
  const { id: other } = await makeRun(store, shape(status));
  // The run came to this status while the handler was at work.
  await store.pool.query("UPDATE tape.timers SET run_id = $2 WHERE run_id = $1", [timer.runId, other]);
  const taken = await timerHandled(store, { ...reportOf(claimed!), runId: other });
  const isLive = ["RUNNABLE", "RUNNING", "WAITING", "STUCK"].includes(status);
  expect(taken).toBe(isLive);
  expect(await getTimer(store, { runId: other, id: timer.id })).toMatchObject({ status: isLive ? "FIRED" : "CANCELLED" });
  expect(await counted(other)).toEqual({ status: status === "WAITING" ? "RUNNABLE" : status, inbox: isLive ? 1 : 0 });
  const entries = await told(other);
  expect(entries.filter(({ is }) => is.startsWith("timer."))).toEqual([{ is: isLive ? "timer.fired" : "timer.cancelled", timerId: timer.id, kind: "redrive" }]);
  expect(entries.filter(({ is }) => is === "run.redriven")).toEqual(status === "WAITING" ? [{ is: "run.redriven", by: `timer:${timer.id}`, reason: "soft deadline" }] : []);
});

test("C6 a due timer of a cancelled run is cancelled and given to no handler; the run stays as it is", async () => {
  const timer = await due({}, { status: "CANCELLED" });
  const live = await due();
  expect((await claim()).map(({ id }) => id)).toEqual([live.id]);
  expect(await getTimer(store, timer)).toMatchObject({ status: "CANCELLED" });
  expect((await told(timer.runId)).at(-1)).toEqual({ is: "timer.cancelled", timerId: timer.id, kind: "nightly" });
  expect(await counted(timer.runId)).toEqual({ status: "CANCELLED", inbox: 0 });
});

test("C6 a timer that the end of its run closed while its handler was at work stays CANCELLED, and nothing more is journaled", async () => {
  const timer = await due({ kind: "redrive" }, { status: "WAITING" });
  const [claimed] = await claim("wrk_1", 10, [{ app: "test", kind: "redrive" }]);
  await store.pool.query("UPDATE tape.timers SET status = 'CANCELLED' WHERE id = $1", [timer.id]);
  expect(await timerHandled(store, reportOf(claimed!))).toBe(false);
  expect(await timerFailed(store, { ...reportOf(claimed!), error: "aborted" })).toEqual({ retryInMs: null });
  expect(await getTimer(store, timer)).toMatchObject({ status: "CANCELLED", attempts: 0, lastError: null });
  expect(await told(timer.runId)).toEqual([]);
  expect(await counted(timer.runId)).toEqual({ status: "WAITING", inbox: 0 });
});

test("two redrive timers of one run at once drive it again once", async () => {
  const { id: runId } = await makeRun(store, { status: "WAITING" });
  await makeTimer(store, runId, { kind: "redrive", inMs: -2 });
  const second = await makeTimer(store, runId, { kind: "redrive", inMs: -1 });
  const claimed = await claim("wrk_1", 10, [{ app: "test", kind: "redrive" }]);
  expect(await timersHandled(store, claimed.map(reportOf))).toEqual([true, true]);
  const entries = await told(runId);
  expect(entries.map(({ is }) => is)).toEqual(["timer.fired", "timer.fired", "run.redriven"]);
  expect(entries[2]).toMatchObject({ by: `timer:${claimed[0]!.id}`, reason: `its timer ${claimed[0]!.id} fired` });
  expect(claimed[1]!.id).toBe(second.id);
  expect(await counted(runId)).toEqual({ status: "RUNNABLE", inbox: 2 });
});

test("a reconcile timer has the run's UNKNOWN effects asked after at once, except one that somebody asks after now", async () => {
  const { id: runId } = await makeRun(store, { status: "WAITING" });
  const waiting = await makeEffect(store, runId, { checkInMs: 300_000 });
  const forPerson = await makeEffect(store, runId, { needsPerson: true });
  const asked = await makeEffect(store, runId, { checkInMs: 0 });
  const elsewhere = await makeEffect(store, (await makeRun(store)).id, { checkInMs: 300_000 });
  const here = { tools: [{ app: "test", tool: "wire" }], agents: [], owner: "wrk_1", limit: 10 };
  const [held] = await claimEffectsToCheck(store, here);
  expect(held!.effectId).toBe(asked.id);
  await makeTimer(store, runId, { kind: "reconcile", inMs: -1 });
  const [timer] = await claim("wrk_1", 10, [{ app: "test", kind: "reconcile" }]);
  expect(await timerHandled(store, reportOf(timer!))).toBe(true);
  const now = await claimEffectsToCheck(store, here);
  expect(new Set(now.map(({ effectId }) => effectId))).toEqual(new Set([waiting.id, forPerson.id]));
  expect(now.map(({ effectId }) => effectId)).not.toContain(elsewhere.id);
  await recordObservation(store, { effectId: asked.id, claim: held!.claim, observation: { status: "confirmed", result: 1 } });
  expect(await counted(runId)).toMatchObject({ status: "WAITING" });
});

test("cancel and claim at the same moment, 100 times: a cancelled timer never fires, and its handler's report is not taken", async () => {
  const timers = await Promise.all(Array.from({ length: 100 }, () => due()));
  const taken: boolean[] = [];
  const work = async (owner: string) => {
    for (let pass = 0; pass < 20; pass++) {
      const claimed = await claim(owner, 7);
      taken.push(...(await timersHandled(store, claimed.map(reportOf))));
    }
  };
  const cancels = Promise.allSettled(timers.map((timer) => cancelTimer(store, { ...timer, by: actors.operator.id })));
  const [answers] = await Promise.all([cancels, work("wrk_a"), work("wrk_b")]);
  for (const [place, timer] of timers.entries()) {
    const { status } = await getTimer(store, timer);
    const verbs = (await told(timer.runId)).map(({ is }) => is);
    const answer = answers[place]!;
    expect(status).toBe(answer.status === "fulfilled" ? "CANCELLED" : "FIRED");
    expect(verbs).toEqual([answer.status === "fulfilled" ? "timer.cancelled" : "timer.fired"]);
    if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "illegal_transition", details: { status: "FIRED" } });
    expect(await counted(timer.runId)).toMatchObject({ inbox: 1 });
  }
  expect(taken.filter(Boolean)).toHaveLength(answers.filter(({ status }) => status === "rejected").length);
});

test("the next due time: by kind and app, what backs off, and what a worker is at work on", async () => {
  const next = (kinds: string[], apps?: string[]) => nextTimerAt(store, { kinds, apps });
  expect(await next(["nightly"])).toBeNull();
  await due({ inMs: 60_000 });
  await due({ inMs: -1 }, { app: "other" });
  expect(await next(["nightly", "weekly"])).toEqual({ inMs: 0 });
  expect(await next(["nightly"], ["other", "test"])).toEqual({ inMs: 0 });
  expect((await next(["nightly"], ["test"]))!.inMs).toBeGreaterThan(50_000);
  expect(await next(["weekly"], ["test"])).toBeNull();
  await claim("wrk_1", 10, [{ app: "other", kind: "nightly" }]);
  const { inMs } = (await next(["nightly"]))!;
  expect(inMs).toBeGreaterThan(1_000);
  expect(inMs).toBeLessThanOrEqual(2_000);
});
