import { RUN_STATUSES, type RunStatus } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listenForHints } from "../hint/listen.ts";
import { readJournal } from "../journal/read.ts";
import { cancelRun } from "../run/cancel.ts";
import { actors, makeRun, makeTimer, openTestStore, parkOn, type TestStore } from "../testing/index.ts";
import { cancelTimer } from "./cancel.ts";
import { claimTimers } from "./claim.ts";
import { fireDueTimers } from "./fire-due.ts";
import { getTimer } from "./get.ts";
import { timerHandled } from "./handled.ts";
import { setTimer, type SetTimer } from "./set.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore({ max: 20 });
});
afterAll(() => store.close());

const by = "run:run_1";
const kinds = [{ app: "test", kind: "nightly" }];
const set = (runId: string, more: Partial<SetTimer> = {}) => setTimer(store, { runId, id: "t", kind: "nightly", inMs: 60_000, by, ...more });
const told = async (runId: string) => (await readJournal(store, { runId })).items.slice(1).map(({ kind, verb, payload }) => ({ is: `${kind}.${verb}`, ...(payload as object) }));
const counted = async (runId: string) => (await store.pool.query("SELECT status, inbox, seq FROM tape.runs WHERE id = $1", [runId])).rows[0];
const shape = (status: RunStatus) => ({ status, ...((status === "COMPENSATING" || status === "COMPENSATED") && { endedAs: "COMPLETED" as const }) });

/** Fires timer `t` of the run, as a worker does. */
async function fire(runId: string): Promise<void> {
  await store.pool.query("UPDATE tape.timers SET fire_at = tape.now() WHERE run_id = $1", [runId]);
  for (const { id, claim, runId: whose } of await claimTimers(store, { owner: "wrk_1", kinds, limit: 100 })) await timerHandled(store, { runId: whose, id, claim });
}

test("T2 the same id again arms it anew, whatever became of it, and it fires again", async () => {
  const { id: runId } = await makeRun(store);
  const first = await set(runId, { payload: { n: 1 } });
  expect(first).toMatchObject({ id: "t", runId, kind: "nightly", payload: { n: 1 }, status: "ARMED", attempts: 0, lastError: null });
  await set(runId, { kind: "weekly", inMs: 0 });
  expect(await getTimer(store, { runId, id: "t" })).toMatchObject({ kind: "weekly", payload: null, status: "ARMED" });
  await set(runId);
  await fire(runId);
  expect(await getTimer(store, { runId, id: "t" })).toMatchObject({ status: "FIRED", attempts: 1 });
  expect(await set(runId)).toMatchObject({ status: "ARMED", attempts: 0 });
  await cancelTimer(store, { runId, id: "t", by });
  expect(await set(runId)).toMatchObject({ status: "ARMED" });
  await fire(runId);
  expect((await told(runId)).map(({ is }) => is)).toEqual(["timer.armed", "timer.armed", "timer.armed", "timer.fired", "timer.armed", "timer.cancelled", "timer.armed", "timer.fired"]);
});

test("T2 cancel of a timer that fired says that it fired, and when; cancelled twice it answers the same", async () => {
  const { id: runId } = await makeRun(store);
  await set(runId);
  await fire(runId);
  const fired = (await readJournal(store, { runId })).items.at(-1)!;
  await expect(cancelTimer(store, { runId, id: "t", by })).rejects.toMatchObject({
    code: "illegal_transition",
    message: expect.stringContaining(fired.at),
    details: { status: "FIRED", firedAt: fired.at },
  });
  await set(runId, { id: "u" });
  const answers = [await cancelTimer(store, { runId, id: "u", by }), await cancelTimer(store, { runId, id: "u", by: "somebody else" })];
  expect(answers[0]).toMatchObject({ id: "u", status: "CANCELLED" });
  expect(answers[1]).toEqual(answers[0]);
  expect((await told(runId)).filter(({ is }) => is === "timer.cancelled")).toEqual([{ is: "timer.cancelled", timerId: "u", kind: "nightly", by }]);
});

test("arming and cancelling are journaled, counted as arrivals, told by hints, and move no run", async () => {
  const { id: runId } = await makeRun(store, { status: "WAITING" });
  const heard: unknown[] = [];
  let isReady = false;
  const listener = listenForHints({ connectionString: store.database.url, onHints: (hints) => heard.push(...hints), onResync: () => (isReady = true) });
  await expect.poll(() => isReady).toBe(true);
  const { fireAt } = await set(runId, { payload: [1] });
  expect(await told(runId)).toEqual([{ is: "timer.armed", timerId: "t", kind: "nightly", fireAt, payload: [1], by }]);
  expect(await counted(runId)).toEqual({ status: "WAITING", inbox: 1, seq: 2 });
  await expect.poll(() => heard).toContainEqual({ on: "timer", at: Date.parse(fireAt) });
  await expect.poll(() => heard).toContainEqual({ on: "run", id: runId, seq: 2 });
  await cancelTimer(store, { runId, id: "t", by });
  expect(await counted(runId)).toEqual({ status: "WAITING", inbox: 2, seq: 3 });
  await listener.stop();
});

test("due by the database's clock, in so many ms or at an instant", async () => {
  const { id: runId } = await makeRun(store);
  const { rows } = await store.pool.query<{ now: Date }>("SELECT tape.now() AS now");
  const soon = Date.parse((await set(runId, { inMs: 5_000 })).fireAt) - rows[0]!.now.getTime();
  expect(soon).toBeGreaterThanOrEqual(5_000);
  expect(soon).toBeLessThan(8_000);
  expect(await set(runId, { inMs: undefined, fireAt: "2031-05-06T07:08:09.123Z" })).toMatchObject({ fireAt: "2031-05-06T07:08:09.123Z" });
});

test.each(RUN_STATUSES.map((status) => [status]))("C6 a timer set on a run that is %s", async (status) => {
  const { id: runId } = await makeRun(store, shape(status));
  const before = await counted(runId);
  if (["RUNNABLE", "RUNNING", "WAITING", "STUCK"].includes(status)) {
    await set(runId);
    expect(await counted(runId)).toEqual({ status, inbox: 1, seq: before!.seq + 1 });
  } else {
    await expect(set(runId)).rejects.toMatchObject({ code: "illegal_transition", details: { status } });
    expect(await counted(runId)).toEqual(before);
    expect((await store.pool.query("SELECT FROM tape.timers WHERE run_id = $1", [runId])).rowCount).toBe(0);
  }
});

test("what belongs to sleeps, gates and awaited signals is neither set nor cancelled by hand", async () => {
  const { id: runId } = await makeRun(store);
  for (const kind of ["wake", "gate_timeout", "signal_timeout"]) {
    await expect(set(runId, { kind })).rejects.toMatchObject({ code: "invalid_input", details: { fields: [{ path: "kind" }] } });
    const { id } = await makeTimer(store, runId, { kind, inMs: 60_000 });
    await expect(set(runId, { id })).rejects.toMatchObject({ code: "invalid_input", details: { fields: [{ path: "id" }] } });
    await expect(cancelTimer(store, { runId, id, by })).rejects.toMatchObject({ code: "illegal_transition", details: { kind } });
    expect(await getTimer(store, { runId, id })).toMatchObject({ kind, status: "ARMED" });
  }
  for (const id of ["gate_00000000000000000000000000", `${runId}//d0/sleep/1`]) {
    await expect(set(runId, { id })).rejects.toMatchObject({ code: "invalid_input", details: { fields: [{ path: "id" }] } });
  }
  expect(await counted(runId)).toMatchObject({ inbox: 0, seq: 1 });
});

test("L3 what cannot be a timer is invalid_input with its field, or not_found; nothing is stored", async () => {
  const { id: runId } = await makeRun(store);
  const bad: [string, Partial<SetTimer>][] = [
    ["id", { id: "" }], ["id", { id: "a\0" }], ["kind", { kind: "" }], ["kind", { kind: "x".repeat(201) }], ["by", { by: "" }],
    ["inMs", { inMs: undefined }], ["inMs", { fireAt: "2031-05-06T07:08:09Z" }], ["inMs", { inMs: -1 }], ["inMs", { inMs: NaN }], ["inMs", { inMs: Infinity }], ["fireAt", { inMs: undefined, fireAt: "tomorrow" }],
  ];
  for (const [path, more] of bad) await expect(set(runId, more), JSON.stringify(more)).rejects.toMatchObject({ code: "invalid_input", details: { fields: [{ path }] } });
  await expect(set(runId, { payload: "x".repeat(2 ** 20) })).rejects.toMatchObject({ code: "payload_too_large" });
  await expect(set("run_00000000000000000000000000")).rejects.toMatchObject({ code: "not_found" });
  await expect(cancelTimer(store, { runId, id: "none", by })).rejects.toMatchObject({ code: "not_found" });
  await expect(getTimer(store, { runId, id: "none" })).rejects.toMatchObject({ code: "not_found" });
  expect(await counted(runId)).toMatchObject({ inbox: 0, seq: 1 });
});

test("a person's timers are audited, a machine's are not; below operator it is forbidden", async () => {
  const { id: runId } = await makeRun(store);
  const { fireAt } = await set(runId, { actor: actors.operator });
  await cancelTimer(store, { runId, id: "t", by, actor: actors.operator });
  await set(runId, { actor: { ...actors.operator, id: "token:ci", email: null } });
  await expect(set(runId, { actor: actors.approver })).rejects.toMatchObject({ code: "forbidden" });
  await expect(cancelTimer(store, { runId, id: "t", by, actor: actors.viewer })).rejects.toMatchObject({ code: "forbidden" });
  const { rows } = await store.pool.query("SELECT actor, action, target, details::json AS details FROM tape.audit WHERE run_id = $1 ORDER BY id", [runId]);
  expect(rows).toEqual([
    { actor: actors.operator.id, action: "timer.set", target: runId, details: { timerId: "t", kind: "nightly", fireAt } },
    { actor: actors.operator.id, action: "timer.cancel", target: runId, details: { timerId: "t", kind: "nightly" } },
  ]);
});

test("set and the end of its run at the same moment, 100 times: it is refused, or the end has seen it", async () => {
  const runs = await Promise.all(Array.from({ length: 100 }, () => makeRun(store, { status: "RUNNING" })));
  const end = async (id: string) => {
    // As a driver ends it: only if what arrived is what it has read.
    const { rowCount } = await store.pool.query(
      `UPDATE tape.runs SET status = 'FAILED', owner = NULL, lease_expires_at = NULL, ended_at = tape.now(), outcome_seq = 1 WHERE id = $1 AND inbox = 0`,
      [id],
    );
    return rowCount === 1;
  };
  // A setting is three statements: the ends are sent at any moment of it.
  const sets = runs.map(({ id }) => set(id).then(() => true, () => false));
  const ended = await Promise.all(runs.map(({ id }, place) => new Promise((resolve) => setTimeout(resolve, place % 20)).then(() => end(id))));
  for (const [place, { id }] of runs.entries()) {
    expect(await sets[place]).toBe(!ended[place]);
    const { rowCount } = await store.pool.query("SELECT FROM tape.timers WHERE run_id = $1", [id]);
    expect(rowCount).toBe(ended[place] ? 0 : 1);
  }
});

test("C6 set and cancel of its run at the same moment, 50 times: no timer is left armed in a cancelled run", async () => {
  const runs = await Promise.all(Array.from({ length: 50 }, () => makeRun(store, { status: "WAITING" })));
  const answers = await Promise.all(
    runs.map(async ({ id }, place) => {
      const cancel = () => cancelRun(store, { id, reason: "wrong file", actor: actors.operator });
      const early = place % 2 ? cancel() : undefined;
      const answer = set(id).then((timer) => timer.status, (error: { code: string }) => error.code);
      await (early ?? cancel());
      return await answer;
    }),
  );
  for (const [place, { id }] of runs.entries()) {
    expect(["ARMED", "illegal_transition"]).toContain(answers[place]);
    const { rows } = await store.pool.query("SELECT status FROM tape.timers WHERE run_id = $1", [id]);
    expect(rows).toEqual(answers[place] === "ARMED" ? [{ status: "CANCELLED" }] : []);
    expect(await counted(id)).toMatchObject({ status: "CANCELLED" });
  }
});

test("an id that many set at the same moment is one timer, each setting journaled", async () => {
  const { id: runId } = await makeRun(store);
  await Promise.all(Array.from({ length: 20 }, (_, n) => set(runId, { payload: n })));
  const entries = await told(runId);
  expect(entries).toHaveLength(20);
  expect(await getTimer(store, { runId, id: "t" })).toMatchObject({ payload: (entries.at(-1) as unknown as { payload: number }).payload });
});

test("a sleep of the same run fires beside a timer that was set, each by its own road", async () => {
  const { id: runId } = await makeRun(store);
  const sleep = await makeTimer(store, runId, { inMs: -1 });
  await parkOn(store, runId, [{ on: "sleep", timerId: sleep.id, until: "2026-01-01T00:00:00.000Z" }]);
  await set(runId, { inMs: 0 });
  expect(await fireDueTimers(store)).toEqual({ fired: 1, more: false });
  expect(await getTimer(store, { runId, id: "t" })).toMatchObject({ status: "ARMED" });
  expect(await counted(runId)).toMatchObject({ status: "RUNNABLE", inbox: 2 });
});
