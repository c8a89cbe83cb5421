import { idOf, TapeError, type Wait } from "@tape/core";
import { fingerprint, type DriverRecord, type RunEnd } from "@tape/store";
import { beforeEach, expect, test } from "vitest";
import {
  cancelRun, cancelTimer, claimRuns, claimTimers, commitRuns, createModel, decideGate, deleteValue, extendGate, fireDueTimers, getGate, getTimer, getValue, keyOf, nextTimerAt,
  readVersions, registerWorker, sendSignal, setTimer, setValue, startRun, timerFailed, timerHandled, timersHandled, valueHistory, type Model,
} from "../src/model/index.ts";

const START = Date.parse("2026-03-01T12:00:00.000Z");
const HOUR = 3_600_000;
const person = (name: string, role: "viewer" | "approver" | "operator") => ({ id: `user:${name}@example.com`, email: `${name}@example.com`, role, source: "test" });
const ann = person("ann", "approver");
const ben = person("ben", "approver");
const vic = person("vic", "viewer");
const olga = person("olga", "operator");

let model: Model;
beforeEach(() => {
  model = createModel(START);
});

function start(more: { startedBy?: string; parentRunId?: string } = {}): string {
  return startRun(model, { app: "test", agent: "refund", startedBy: "sdk:test", ...more }).run.id;
}

/** Drives a run as a worker does: says `records`, then leaves it as `end` says. */
function drive(runId: string, records: DriverRecord[], end?: Pick<Extract<RunEnd, { to: "WAITING" }>, "to" | "waits"> | { to: "COMPLETED"; output: unknown }): void {
  const claim = claimRuns(model, { owner: "wrk_1", agents: [{ app: "test", agent: "refund", version: null }], limit: 100, ttlMs: 30_000, suspects: true }).find((one) => one.runId === runId)!;
  const { owner, epoch, ttlMs, inbox, foreign } = claim;
  const outcomes = commitRuns(model, [{ runId, owner, epoch, first: 0, foreign, ttlMs, records, ...(end && { end: { inbox, closing: [], ...end } }) }]);
  expect(outcomes).toMatchObject([{ ok: true, ended: end !== undefined }]);
}

interface Shape {
  name?: string;
  quorum?: number;
  assignees?: string[];
  allowSelf?: boolean;
  deadlineMs?: number;
}

/** A run that is parked on an open gate. */
function parkedAtGate({ name = "cfo-approval", quorum = 1, assignees = [], allowSelf = true, deadlineMs }: Shape = {}, runId = start()) {
  const gateId = `gate_${runId.slice(4)}`;
  const card = { payload: { total: 12 }, form: [{ name: "limit", label: "Limit", type: "number" as const, required: true }], risk: null, display: null };
  const seen = fingerprint({ name, ...card });
  const payload = { gateId, name, key: `${runId}//d0/${name}/1`, occurrence: 1, ...card, assignees, quorum, fingerprint: seen, deadlineAt: null };
  const opened: DriverRecord = { happening: { kind: "gate", verb: "opened", payload }, allowSelf, ...(deadlineMs !== undefined && { due: { field: "deadlineAt", inMs: deadlineMs } }) };
  const armed: DriverRecord[] =
    deadlineMs === undefined ? [] : [{ happening: { kind: "timer", verb: "armed", payload: { timerId: gateId, kind: "gate_timeout", fireAt: "" } }, due: { field: "fireAt", inMs: deadlineMs }, ref: gateId }];
  drive(runId, [opened, ...armed], { to: "WAITING", waits: [{ on: "gate", gateId, name }] });
  return { id: gateId, runId, fingerprint: seen };
}

const approve = ({ id, fingerprint: seen }: { id: string; fingerprint: string }, actor = ann, more: { fingerprint?: string; values?: Record<string, unknown> } = {}) =>
  decideGate(model, { id, outcome: "approved", fingerprint: seen, values: { limit: 5 }, actor, ...more });
const reject = ({ id, fingerprint: seen }: { id: string; fingerprint: string }, actor = ann) => decideGate(model, { id, outcome: "rejected", fingerprint: seen, actor, comment: "no" });

/** A run that is parked on a signal, with a deadline. */
function parkedOnSignal(name: string, deadlineMs: number) {
  const runId = start();
  const key = `${runId}//d0/${name}/1`;
  drive(runId, awaiting(key, name, deadlineMs), { to: "WAITING", waits: [{ on: "signal", key, name }] });
  return { runId, key };
}

function awaiting(key: string, name: string, deadlineMs: number): DriverRecord[] {
  return [
    { happening: { kind: "signal", verb: "awaited", payload: { key, name, deadlineAt: null } }, due: { field: "deadlineAt", inMs: deadlineMs } },
    { happening: { kind: "timer", verb: "armed", payload: { timerId: key, kind: "signal_timeout", fireAt: "" } }, due: { field: "fireAt", inMs: deadlineMs }, ref: key },
  ];
}

function parkedFor(waits: Wait[] = []): string {
  const runId = start();
  drive(runId, [], { to: "WAITING", waits });
  return runId;
}

const said = (runId: string) => model.journals.get(runId)!.map(({ kind, verb }) => `${kind}.${verb}`);
const last = (runId: string, count = 1) => said(runId).slice(-count);
const status = (runId: string) => model.runs.get(runId)!.status;

/** The code of the refusal, after which nothing has changed. */
function refusal(act: () => unknown): string {
  const before = structuredClone(model);
  try {
    act();
  } catch (error) {
    expect(model).toEqual(before);
    if (TapeError.is(error)) return error.code;
    throw error;
  }
  return "none";
}

test("an approval decides a gate, disarms its deadline, wakes its run and is audited", () => {
  const gate = parkedAtGate({ deadlineMs: HOUR });
  expect(approve(gate)).toMatchObject({ status: "DECIDED", outcome: "approved", decidedBy: ann.id, decisions: [{ by: ann.id, outcome: "approved" }] });
  expect(last(gate.runId, 2)).toEqual(["gate.decided", "timer.cancelled"]);
  expect(model.gates.get(keyOf(gate.runId, gate.id))!.values).toBe('{"limit":5}');
  expect(status(gate.runId)).toBe("RUNNABLE");
  expect(model.runs.get(gate.runId)!.inbox).toBe(1);
  expect(model.audit.at(-1)).toMatchObject({ actor: ann.id, action: "gate.approve", target: gate.id, runId: gate.runId });
  expect(refusal(() => reject(gate, ben))).toBe("already_decided");
});

test("refusals of a decision come in their order: the gate, the run, the person, the words, the form", () => {
  const ended = parkedAtGate();
  cancelRun(model, { id: ended.runId, reason: "wrong file", actor: olga });
  expect(refusal(() => approve(ended, vic))).toBe("illegal_transition");
  const gate = parkedAtGate({ assignees: ["role:operator"] });
  expect(refusal(() => approve(gate, vic))).toBe("forbidden");
  expect(refusal(() => approve(gate, ann, { fingerprint: "other words" }))).toBe("forbidden");
  expect(refusal(() => approve(gate, olga, { fingerprint: "other words", values: {} }))).toBe("fingerprint_mismatch");
  expect(refusal(() => approve(gate, olga, { values: {} }))).toBe("invalid_input");
  expect(refusal(() => approve(gate, olga, { values: { limit: "5" } }))).toBe("invalid_input");
  expect(approve(gate, olga)).toMatchObject({ status: "DECIDED" });
});

test("a quorum of two needs two people; one rejection decides", () => {
  const gate = parkedAtGate({ quorum: 2 });
  expect(approve(gate, ann)).toMatchObject({ status: "OPEN", outcome: null });
  expect(status(gate.runId)).toBe("WAITING");
  expect(last(gate.runId)).toEqual(["gate.voted"]);
  expect(refusal(() => approve(gate, ann))).toBe("forbidden");
  expect(approve(gate, ben)).toMatchObject({ status: "DECIDED", outcome: "approved" });
  const other = parkedAtGate({ quorum: 2 });
  approve(other, ann);
  expect(reject(other, ben)).toMatchObject({ status: "DECIDED", outcome: "rejected", comment: "no" });
});

test("nobody approves a run of their own where that is not allowed, also not through a run that started it; rejecting is", () => {
  const parent = start({ startedBy: ann.id });
  const child = start({ startedBy: `run:${parent}`, parentRunId: parent });
  const gate = parkedAtGate({ allowSelf: false }, child);
  expect(refusal(() => approve(gate, ann))).toBe("forbidden");
  expect(reject(gate, ann)).toMatchObject({ outcome: "rejected" });
});

test("an extension moves the deadline of an open gate, by who may decide it or an operator", () => {
  const gate = parkedAtGate({ deadlineMs: 1_000, assignees: [`user:${ann.email}`] });
  const extend = (actor = ann) => extendGate(model, { id: gate.id, forMs: HOUR, reason: "she is on a plane", actor });
  model.now += 5_000;
  expect(refusal(() => extend(ben))).toBe("forbidden");
  expect(Date.parse(extend().deadlineAt!)).toBe(model.now + HOUR);
  extend(olga);
  expect(fireDueTimers(model)).toEqual({ fired: 0, more: false });
  model.now += HOUR;
  expect(fireDueTimers(model)).toEqual({ fired: 1, more: false });
  expect(getGate(model, { id: gate.id })).toMatchObject({ status: "TIMED_OUT", outcome: "timed_out" });
  expect(status(gate.runId)).toBe("RUNNABLE");
  expect(refusal(() => extend())).toBe("already_decided");
  expect(refusal(() => approve(gate))).toBe("already_decided");
});

test("a signal is kept for the await that comes; its deadline brings nothing then", () => {
  const early = parkedFor([{ on: "signal", key: "k", name: "other" }]);
  sendSignal(model, { runId: early, name: "paid", by: "sdk:test" });
  expect(status(early)).toBe("WAITING");
  const { runId } = parkedOnSignal("paid", 1_000);
  sendSignal(model, { runId, name: "paid", payload: 1, by: "sdk:test" });
  expect(status(runId)).toBe("RUNNABLE");
  model.now += 1_000;
  expect(fireDueTimers(model)).toEqual({ fired: 1, more: false });
  expect(last(runId)).toEqual(["timer.cancelled"]);
});

test("an await without its signal times out, and of two awaits and one signal the later one", () => {
  const { runId } = parkedOnSignal("paid", 1_000);
  const keys = [`${runId}//d0/paid/2`, `${runId}//d0/paid/3`];
  model.now += 999;
  expect(fireDueTimers(model).fired).toBe(0);
  model.now += 1;
  fireDueTimers(model);
  expect(last(runId, 2)).toEqual(["signal.timed_out", "timer.fired"]);
  drive(runId, keys.flatMap((key) => awaiting(key, "paid", 1_000)), { to: "WAITING", waits: keys.map((key) => ({ on: "signal" as const, key, name: "paid" })) });
  sendSignal(model, { runId, name: "paid", by: "sdk:test" });
  model.now += 1_000;
  fireDueTimers(model);
  expect(model.journals.get(runId)!.at(-2)).toMatchObject({ verb: "timed_out", payload: { key: keys[1] } });
});

test("a signal's key makes one signal of many, and belongs to one signal", () => {
  const runId = start();
  const send = (payload: unknown) => sendSignal(model, { runId, name: "paid", payload, by: "sdk:test", idempotencyKey: "k" });
  const { signalId } = send(1);
  expect(idOf("sig").safeParse(signalId).success).toBe(true);
  expect(send(1)).toEqual({ signalId, runId, name: "paid", repeated: true });
  expect(refusal(() => send(2))).toBe("invocation_conflict");
  expect(last(runId, 2)).toEqual(["run.started", "signal.received"]);
  cancelRun(model, { id: runId, reason: "enough", actor: olga });
  expect(refusal(() => sendSignal(model, { runId, name: "paid", by: "sdk:test" }))).toBe("illegal_transition");
  expect(refusal(() => sendSignal(model, { runId, name: "gate.x", by: "sdk:test" }))).toBe("invalid_input");
});

test("a timer is set, set anew, handled and cancelled; what fired is not cancelled", () => {
  const runId = start();
  const set = (more = {}) => setTimer(model, { runId, id: "t", kind: "nightly", inMs: 1_000, by: "sdk:test", ...more });
  set();
  expect(nextTimerAt(model, { kinds: ["nightly"] })).toEqual({ inMs: 1_000 });
  expect(nextTimerAt(model)).toBeNull();
  model.now += 1_000;
  const kinds = [{ app: "test", kind: "nightly" }];
  const [first] = claimTimers(model, { owner: "wrk_1", kinds, limit: 10 });
  set();
  expect(timerHandled(model, first!)).toBe(false);
  model.now += 1_000;
  const [second] = claimTimers(model, { owner: "wrk_1", kinds, limit: 10 });
  expect(timersHandled(model, [second!, second!])).toEqual([true, true]);
  expect(getTimer(model, { runId, id: "t" })).toMatchObject({ status: "FIRED", attempts: 1 });
  expect(refusal(() => cancelTimer(model, { runId, id: "t", by: "x" }))).toBe("illegal_transition");
  set();
  expect(cancelTimer(model, { runId, id: "t", by: "x", actor: olga })).toMatchObject({ status: "CANCELLED" });
  expect(cancelTimer(model, { runId, id: "t", by: "x", actor: olga })).toMatchObject({ status: "CANCELLED" });
  expect(model.audit.filter(({ action }) => action === "timer.cancel")).toHaveLength(1);
  expect(refusal(() => set({ kind: "wake" }))).toBe("invalid_input");
  expect(refusal(() => set({ actor: ann }))).toBe("forbidden");
});

test("a handler that fails is tried after 1, 2, 4 and 8 s, then given up; a claim that was lost counts", () => {
  const runId = parkedFor();
  setTimer(model, { runId, id: "t", kind: "redrive", inMs: 0, by: "sdk:test" });
  const claim = (owner: string) => claimTimers(model, { owner, kinds: [{ app: "test", kind: "redrive" }], limit: 10 });
  for (const retryInMs of [1_000, 2_000, 4_000]) {
    const [timer] = claim("wrk_1");
    expect(timerFailed(model, { ...timer!, error: "no" })).toEqual({ retryInMs });
    expect(claim("wrk_1")).toEqual([]);
    model.now += retryInMs;
  }
  registerWorker(model, { id: "wrk_dies", host: "h", pid: 1, lockKey: null, agents: [], tools: [] });
  expect(claim("wrk_dies")).toMatchObject([{ attempt: 4 }]);
  expect(nextTimerAt(model, { kinds: ["redrive"] })).toEqual({ inMs: 2_000 });
  model.now += 10_001;
  expect(claim("wrk_2")).toMatchObject([{ attempt: 5 }]);
  model.now += 60_000;
  expect(claim("wrk_2")).toEqual([]);
  expect(getTimer(model, { runId, id: "t" })).toMatchObject({ status: "FIRED", lastError: "its worker was lost each time it ran" });
  expect(status(runId)).toBe("WAITING");
});

test("a redrive timer drives a parked run again, once for all that are handled together", () => {
  const runId = parkedFor();
  for (const id of ["a", "b"]) setTimer(model, { runId, id, kind: "redrive", inMs: 0, payload: { reason: `for ${id}` }, by: "sdk:test" });
  const claimed = claimTimers(model, { owner: "wrk_1", kinds: [{ app: "test", kind: "redrive" }], limit: 10 });
  expect(timersHandled(model, claimed)).toEqual([true, true]);
  expect(last(runId, 3)).toEqual(["timer.fired", "timer.fired", "run.redriven"]);
  expect(model.journals.get(runId)!.at(-1)!.payload).toEqual({ by: "timer:a", reason: "for a" });
  expect(status(runId)).toBe("RUNNABLE");
});

test("values have versions, tombstones, conditions, steps and fences", () => {
  const where = { namespace: "books/2026", key: "total", writer: "sdk:test" };
  expect(getValue(model, where)).toBeNull();
  expect(refusal(() => deleteValue(model, where))).toBe("not_found");
  expect(setValue(model, { ...where, value: 1, ifVersion: 0 })).toMatchObject({ version: 1 });
  expect(setValue(model, { ...where, value: 2, step: "s" })).toMatchObject({ version: 2 });
  expect(deleteValue(model, where)).toMatchObject({ version: 3, deleted: true, value: null });
  expect(setValue(model, { ...where, value: 2, step: "s" })).toMatchObject({ version: 2 });
  expect(refusal(() => setValue(model, { ...where, value: 4, ifVersion: 2 }))).toBe("version_conflict");
  expect(refusal(() => deleteValue(model, where))).toBe("not_found");
  expect(setValue(model, { ...where, value: 4, ifNotLive: true, actor: olga })).toMatchObject({ version: 4 });
  expect(model.audit).toMatchObject([{ action: "value.set", target: "books/2026/total" }]);
  const runId = start();
  expect(refusal(() => setValue(model, { ...where, value: 5, fence: { runId, owner: "wrk_1", epoch: 1 } }))).toBe("lease_lost");
  expect(refusal(() => setValue(model, { ...where, namespace: "a//b", value: 1 }))).toBe("invalid_input");
  expect(readVersions(model, { ...where, after: 2, limit: 10 })).toMatchObject([{ version: 3, prevVersion: 2, prevValue: 2, skipped: 0 }, { version: 4, prevValue: null }]);
});

test("history keeps the newest 2,000 versions, and readers are told what was skipped", () => {
  const where = { namespace: "a", key: "b", writer: "w" };
  for (let n = 1; n <= 2_048; n++) setValue(model, { ...where, value: n });
  expect(readVersions(model, { ...where, after: 0, limit: 1 })).toMatchObject([{ version: 49, skipped: 48, prevVersion: 0, prevValue: null }]);
  expect(valueHistory(model, { ...where, limit: 2 })).toMatchObject({ items: [{ version: 2_048 }, { version: 2_047 }], nextCursor: "2047" });
});

test("a run's progress never runs backwards while its driver writes it", () => {
  const runId = start();
  drive(runId, []);
  const { owner, epoch } = model.runs.get(runId)!;
  const say = (value: unknown) => setValue(model, { namespace: `runs/${runId}`, key: "progress", writer: `run:${runId}`, value, fence: { runId, owner: owner!, epoch } });
  say({ done: 5, total: 10 });
  expect(say({ done: 1, total: 10 })).toMatchObject({ version: 1, value: { done: 5 } });
  expect(say({ done: 1, total: 12 })).toMatchObject({ version: 2 });
});
