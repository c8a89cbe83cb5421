import { newId, type Happening } from "@tape/core";
import type { Claim, DriverRecord, RunCommit, RunCommitOutcome, RunEnd } from "@tape/store";
import { beforeEach, expect, test } from "vitest";
import {
  beatWorker, cancelRun, claimRuns, commitRuns, createModel, getRun, listWorkers, noticeCancel, readForDriver, readJournal, recordLateOutcome, redriveRun, registerWorker,
  renewLeases, sendSignal, settleAbandonedRuns, settleRun, startRun, startRuns, takeOverRuns, unparkRun, type Model, type RunRow,
} from "../src/model/index.ts";
import { operator, refused } from "./driven.ts";

const TTL_MS = 60_000;
const AGENTS = [{ app: "test", agent: "pay", version: "2" }];

let model: Model;
beforeEach(() => {
  model = createModel(Date.parse("2026-11-24T08:00:00Z"));
});

const start = (more: Partial<Parameters<typeof startRun>[1]> = {}) => startRun(model, { app: "test", agent: "pay", input: { total: 3 }, startedBy: "user:sam@example.com", ...more });
const claim = (owner = "wrk_1") => claimRuns(model, { owner, agents: AGENTS, limit: 10, ttlMs: TTL_MS, suspects: true });
const takeOver = (more: Partial<Parameters<typeof takeOverRuns>[1]> = {}) =>
  takeOverRuns(model, { owner: "wrk_2", agents: AGENTS, limit: 10, ttlMs: TTL_MS, maxRedrives: 3, sessionLocks: true, driven: [], suspects: true, ...more });
const runOf = (id: string): RunRow => model.runs.get(id)!;
const verbs = (runId: string, from = 0) => readJournal(model, { runId, fromSeq: from }).items.map(({ kind, verb }) => `${kind}.${verb}`);
const leaseOf = ({ runId, owner, epoch }: Claim) => ({ runId, owner, epoch });
const signal = (runId: string) => sendSignal(model, { runId, name: "go", payload: 1, by: "user:sam@example.com" });

/** One run, and its driver's claim. */
function driven(): Claim {
  start();
  return claim()[0]!;
}

function commit({ runId, owner, epoch }: Claim, first: number, records: DriverRecord[], more: Partial<RunCommit> = {}): RunCommitOutcome {
  return commitRuns(model, [{ runId, owner, epoch, first, foreign: 0, ttlMs: TTL_MS, records, ...more }])[0]!;
}

/** What the driver of a run says of one effect. */
function effectOf({ runId }: Claim, name: string) {
  const [effectId, key] = [newId("eff"), `${runId}//d0/${name}/1`];
  const asked = { tool: name, request: { to: "acme" }, fingerprint: "f", semantics: "IDEMPOTENT", dispatch: "INLINE" };
  const says = (verb: string, payload: object = {}, beside: Partial<DriverRecord> = {}): DriverRecord => ({
    happening: { kind: "effect", verb, payload: { effectId, key, ...(verb === "intended" && asked), ...payload } } as Happening,
    ...beside,
  });
  return { effectId, key, says, row: () => [...model.effects.values()].find(({ id }) => id === effectId)! };
}

const sampled: DriverRecord = { happening: { kind: "run", verb: "sampled", payload: { key: "k", name: "now", fingerprint: "", value: 1 } } };
const WAITING = { to: "WAITING", waits: [{ on: "signal", key: "k", name: "go" }], inbox: 0, closing: [] } satisfies RunEnd;
const COMPLETED = { to: "COMPLETED", output: { paid: 3 }, inbox: 0, closing: [] } satisfies RunEnd;

test("D36 an invocation is one run; another input under it is refused, and refuses none beside it", () => {
  const { run } = start({ invocationId: "inv-1" });
  expect(start({ invocationId: "inv-1" })).toEqual({ run, resumed: true });
  expect(refused(model, () => start({ invocationId: "inv-1", input: 4 }))).toBe("invocation_conflict");
  const outcomes = startRuns(model, [{ app: "test", agent: "pay", startedBy: "s", invocationId: "inv-1" }, { app: "test", agent: "pay", startedBy: "s" }, { app: "", agent: "pay", startedBy: "s" }]);
  expect(outcomes).toMatchObject([{ refused: { code: "invocation_conflict" } }, { resumed: false }, { refused: { code: "invalid_input" } }]);
  expect(start({ idempotencyKey: "once" })).toMatchObject({ resumed: false });
  expect(start({ idempotencyKey: "once" })).toMatchObject({ resumed: true });
  expect(model.runs.size).toBe(3);
});

test("a run is claimed, says what it does, is parked, woken, claimed again and ends; every step is an entry", () => {
  const first = driven();
  const { runId } = first;
  expect(first).toMatchObject({ epoch: 1, taken: "runnable", seq: 2, losses: 0 });
  const wire = effectOf(first, "wire");
  expect(commit(first, 0, [wire.says("intended", {}, { compensator: "unwire" })])).toMatchObject({ ok: true, recorded: 1, seq: 3 });
  expect(runOf(runId)).toMatchObject({ openEffects: 1 });
  const obligation = { id: newId("obl"), compensator: "unwire", payload: "{}" };
  expect(commit(first, 1, [wire.says("confirmed", { by: "driver", result: 1, externalRef: "bank\0" }, { obligation })], { end: WAITING })).toMatchObject({ ok: true, ended: true, recorded: 4 });
  expect(wire.row()).toMatchObject({ status: "CONFIRMED", outcomeSeq: 4, externalRef: "bank\ufffd" });
  expect([...model.obligations.values()]).toMatchObject([{ id: obligation.id, position: 4, status: "REGISTERED" }]);
  expect(runOf(runId)).toMatchObject({ status: "WAITING", owner: null, openEffects: 0, losses: -1 });

  signal(runId);
  expect(runOf(runId)).toMatchObject({ status: "RUNNABLE", inbox: 1 });
  const [second] = claim("wrk_2");
  expect(second).toMatchObject({ epoch: 2, inbox: 1 });
  expect(readForDriver(model, { runId, fromSeq: 6 })?.entries.map(({ verb }) => verb)).toEqual(["received", "claimed"]);
  expect(commit(second!, 0, [], { end: { ...COMPLETED, inbox: 1 } })).toMatchObject({ ok: true, ended: true });
  expect(getRun(model, { id: runId })).toMatchObject({ status: "COMPLETED", output: { paid: 3 }, input: { total: 3 }, lease: null, settledAt: expect.any(String) });
  expect(verbs(runId)).toEqual(["run.started", "run.claimed", "effect.intended", "effect.confirmed", "obligation.registered", "run.parked", "signal.received", "run.claimed", "run.completed"]);
});

test("D33 a run is not parked on what has come; what its driver had to say is kept", () => {
  const lease = driven();
  signal(lease.runId);
  expect(commit(lease, 0, [sampled], { end: WAITING })).toMatchObject({ ok: true, ended: false, inbox: 1, recorded: 1 });
  expect(commit(lease, 1, [], { end: WAITING })).toMatchObject({ ok: true, ended: false });
  expect(commit(lease, 1, [], { end: { ...WAITING, inbox: 1 } })).toMatchObject({ ok: true, ended: true });
});

test("D20 a commit sent again is answered as it was and written once, whatever has come since; a new epoch refuses it", () => {
  const lease = driven();
  const wire = effectOf(lease, "wire");
  commit(lease, 0, [wire.says("intended")]);
  const say = () => commit(lease, 1, [wire.says("confirmed", { by: "driver", result: 1 })], { end: WAITING });
  const answer = say();
  expect(say()).toEqual(answer);
  signal(lease.runId);
  cancelRun(model, { id: lease.runId, reason: "x", actor: operator });
  expect(say()).toMatchObject({ ok: true, ended: true });
  runOf(lease.runId).epoch += 1;
  expect(say()).toMatchObject({ ok: false, refused: "lease_lost" });
  expect(verbs(lease.runId, 2)).toEqual(["effect.intended", "effect.confirmed", "run.parked", "signal.received", "run.cancelled"]);
});

test("an outcome is refused once somebody else has settled an effect, until its driver has seen it", () => {
  const lease = driven();
  const [wire, note] = [effectOf(lease, "wire"), effectOf(lease, "note")];
  commit(lease, 0, [wire.says("intended"), note.says("intended")]);
  recordLateOutcome(model, { ...lease, ...wire, lease: { owner: "wrk_0", epoch: 0 }, outcome: { status: "confirmed", result: "late" } });
  expect(commit(lease, 2, [note.says("unknown", { reason: "lost" })])).toMatchObject({ ok: false, refused: "settled_elsewhere" });
  expect(commit(lease, 2, [sampled])).toMatchObject({ ok: true, foreign: 1, inbox: 1 });
  expect(commit(lease, 3, [note.says("unknown", { reason: "lost" }, { checkable: true })], { foreign: 1 })).toMatchObject({ ok: true });
  expect(note.row()).toMatchObject({ status: "UNKNOWN", nextCheckAt: model.now });
  expect(runOf(lease.runId)).toMatchObject({ openEffects: 1 });
});

test("C2 a run that is cancelled while it is driven: its driver notices, is heard out, and leaves; then nothing is PENDING", () => {
  const lease = driven();
  const [paid, never] = [effectOf(lease, "paid"), effectOf(lease, "never")];
  commit(lease, 0, [paid.says("intended"), never.says("intended")]);
  expect(cancelRun(model, { id: lease.runId, reason: "wrong file", actor: operator })).toMatchObject({ status: "CANCELLED", settledAt: null, lease: { owner: "wrk_1" } });
  expect(commit(lease, 2, [sampled])).toEqual({ ok: false, refused: "cancelled", reason: "wrong file" });
  expect(renewLeases(model, { owner: "wrk_1", runs: [lease], ttlMs: TTL_MS }).get(lease.runId)).toBe("cancelled");
  expect([noticeCancel(model, leaseOf(lease)), noticeCancel(model, leaseOf(lease))]).toEqual([true, false]);
  recordLateOutcome(model, { ...lease, ...paid, lease, outcome: { status: "failed", error: { name: "E", message: "no" } } });
  expect([settleRun(model, leaseOf(lease)), settleRun(model, leaseOf(lease))]).toEqual([true, false]);
  expect([paid.row().status, never.row().status]).toEqual(["FAILED", "UNKNOWN"]);
  expect(runOf(lease.runId)).toMatchObject({ settledAt: model.now, owner: null, openEffects: 1 });
  expect(refused(model, () => redriveRun(model, { id: lease.runId, reason: "again", actor: operator }))).toBe("illegal_transition");
});

test("C9 a cancelled run whose driver died is settled by recovery, and its driver is fenced", () => {
  const lease = driven();
  cancelRun(model, { id: lease.runId, reason: "wrong file", actor: operator });
  expect(settleAbandonedRuns(model, { limit: 10, sessionLocks: true })).toEqual({ settled: [], more: false });
  model.now += TTL_MS;
  expect(settleAbandonedRuns(model, { limit: 10, sessionLocks: true })).toEqual({ settled: [lease.runId], more: false });
  expect(runOf(lease.runId)).toMatchObject({ epoch: 2, owner: null, settledAt: model.now });
  expect(settleRun(model, leaseOf(lease))).toBe(false);
});

test("R7 lost again and again without getting on, a run is STUCK; one that got on is not, and of one worker's runs only the suspect is counted", () => {
  const lost = driven();
  for (const losses of [1, 2]) {
    model.now += TTL_MS;
    expect(takeOver()).toMatchObject({ claims: [{ runId: lost.runId, taken: "stale", losses }], stuck: [] });
  }
  const beside = [start().run.id, start().run.id];
  claimRuns(model, { owner: "wrk_2", agents: AGENTS, limit: 10, ttlMs: TTL_MS, suspects: true });
  runOf(beside[1]!).losses = -1;
  model.now += TTL_MS;
  const { claims, stuck } = takeOver({ owner: "wrk_3" });
  expect(claims.map(({ runId, losses }) => [runId, losses])).toEqual([[beside[1], 0], [beside[0], 0]]);
  expect(stuck).toEqual([lost.runId]);
  expect(runOf(lost.runId)).toMatchObject({ status: "STUCK", stuck: { code: "poison", redrives: 3 }, owner: null });
  expect(redriveRun(model, { id: lost.runId, reason: "again", actor: operator })).toMatchObject({ status: "RUNNABLE" });
  expect(runOf(lost.runId).losses).toBe(0);
});

test("D26 a worker is dead after 10 s of silence, sooner when its session is gone, and its runs are taken", () => {
  const register = (id: string, lockKey: bigint | null) => registerWorker(model, { id, host: "h", pid: 1, lockKey, agents: [], tools: [] });
  model.heldLocks.add(7n);
  register("wrk_1", 7n);
  const lease = driven();
  model.now += 9_000;
  expect(takeOver().claims).toEqual([]);
  model.heldLocks.clear();
  expect(listWorkers(model)).toMatchObject([{ id: "wrk_1", alive: false }]);
  expect(takeOver({ sessionLocks: false }).claims).toEqual([]);
  expect(takeOver().claims).toMatchObject([{ runId: lease.runId, epoch: 2 }]);
  expect(commit(lease, 0, [sampled])).toMatchObject({ ok: false, refused: "lease_lost" });
  expect([beatWorker(model, { id: "wrk_1", running: 0 }), beatWorker(model, { id: "wrk_9", running: 0 })]).toEqual([true, false]);
  expect(listWorkers(model)).toMatchObject([{ alive: true }]);
});

test("a parked run whose code went on is RUNNABLE again, once, and only under the epoch that parked it", () => {
  const lease = driven();
  commit(lease, 0, [], { end: WAITING });
  const unpark = (epoch: number) => unparkRun(model, { runId: lease.runId, epoch, owner: "wrk_1" });
  expect([unpark(2), unpark(1), unpark(1)]).toEqual([false, true, false]);
});

test("D42 what is set aside and what is spent change with their entries; a commit renews the lease once a third of it is gone", () => {
  const lease = driven();
  const { key } = effectOf(lease, "plan");
  const asked: DriverRecord = { happening: { kind: "budget", verb: "reserved", payload: { key, microUsd: 70, tokens: 25, cap: { microUsd: 100 } } } };
  const expires = runOf(lease.runId).leaseExpiresAt!;
  model.now += 19_000;
  commit(lease, 0, [asked]);
  expect(runOf(lease.runId)).toMatchObject({ reservedMicroUsd: 70, capMicroUsd: 100, capTokens: null, leaseExpiresAt: expires });
  model.now += 2_000;
  const answered = { key, index: 1, response: 1, durationMs: 1, usage: { inputTokens: 6, outputTokens: 4, costMicroUsd: 40 } };
  const records: DriverRecord[] = [
    { happening: { kind: "decision", verb: "answered", payload: answered } },
    { happening: { kind: "budget", verb: "settled", payload: { key, microUsd: 45, tokens: 10 } }, reservation: { microUsd: 70, tokens: 25 } },
  ];
  commit(lease, 1, records);
  expect(runOf(lease.runId)).toMatchObject({ reservedMicroUsd: 0, reservedTokens: 0, spentMicroUsd: 45, spentTokens: 10, leaseExpiresAt: model.now + TTL_MS });
});
