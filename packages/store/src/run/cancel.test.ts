import { RUN_STATUSES } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commitRuns } from "../driver/commit/batch.ts";
import { claimRuns } from "../driver/claim.ts";
import { recordLateOutcome } from "../driver/late.ts";
import { settleRun } from "../driver/leave.ts";
import { noticeCancel } from "../driver/notice-cancel.ts";
import type { RunEnd } from "../driver/record.ts";
import { renewLeases } from "../driver/renew.ts";
import { takeOverRuns } from "../driver/take-over.ts";
import { getEffect } from "../effect/get.ts";
import { decideGate } from "../gate/decide.ts";
import { getGate } from "../gate/get.ts";
import { readJournal } from "../journal/read.ts";
import { sendSignal } from "../signal/send.ts";
import { drivenRun } from "../testing/driver.ts";
import { actors, makeEffect, makeGate, makeObligation, makeRun, makeTimer, openTestStore, parkOn, type TestStore } from "../testing/index.ts";
import { fireDueTimers } from "../timer/fire-due.ts";
import { registerWorker } from "../worker/register.ts";
import { cancelRun } from "./cancel.ts";
import { compensateRun } from "./compensate.ts";
import { getRun } from "./get.ts";
import { redriveRun } from "./redrive.ts";
import { settleAbandonedRuns } from "./settle-abandoned.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const { operator } = actors;
const cancel = (id: string, reason = "wrong file") => cancelRun(store, { id, reason, actor: operator });
const row = async (id: string) => (await store.pool.query<Record<string, unknown>>("SELECT * FROM tape.runs WHERE id = $1", [id])).rows[0]!;
const entries = async (runId: string) => (await readJournal(store, { runId })).items;
const verbs = async (runId: string) => (await entries(runId)).map(({ kind, verb }) => `${kind}.${verb}`);
const audited = async (target: string) => (await store.pool.query<{ action: string; details: string }>("SELECT action, details FROM tape.audit WHERE target = $1 ORDER BY id", [target])).rows;
const settleAbandoned = async () => (await settleAbandonedRuns(store, { limit: 100, sessionLocks: true })).settled;
const lease = { owner: "wrk_test", epoch: 1 };

test.each(["RUNNABLE", "WAITING", "STUCK"] as const)("C1 cancel of a run that is %s: CANCELLED and settled at once, its open gates CANCELLED, its timers gone", async (status) => {
  const { id } = await makeRun(store, { status });
  const gate = await makeGate(store, id, { deadlineMs: 60_000 });
  const decided = await makeGate(store, id, { name: "second" });
  await decideGate(store, { id: decided.id, outcome: "rejected", fingerprint: decided.fingerprint, actor: actors.approver });
  await makeTimer(store, id, { kind: "remind", inMs: 60_000, key: `${id}//d0/sleep/1` });

  const run = await cancel(id);
  expect(run).toMatchObject({ status: "CANCELLED", endedAs: null, cancelReason: "wrong file", cancelledBy: operator.id, lease: null, whyWaiting: [] });
  expect([run.cancelledAt, run.settledAt, run.endedAt]).toEqual([expect.any(String), expect.any(String), expect.any(String)]);
  expect(await row(id)).toMatchObject({ waits: null, stuck: null, owner: null });
  expect(await getGate(store, { id: gate.id })).toMatchObject({ status: "CANCELLED", outcome: "cancelled" });
  expect(await getGate(store, { id: decided.id })).toMatchObject({ status: "DECIDED" });
  expect((await store.pool.query("SELECT DISTINCT status FROM tape.timers WHERE run_id = $1", [id])).rows).toEqual([{ status: "CANCELLED" }]);

  const told = (await entries(id)).slice(-4);
  expect(told).toMatchObject([
    { kind: "run", verb: "cancelled", payload: { reason: "wrong file", by: operator.id, settled: true } },
    { kind: "gate", verb: "cancelled", payload: { gateId: gate.id, name: gate.name, reason: "run_ended" } },
    { kind: "timer", verb: "cancelled" },
    { kind: "timer", verb: "cancelled" },
  ]);
  expect(told.slice(2).map(({ payload }) => (payload as { kind: string }).kind).toSorted()).toEqual(["gate_timeout", "remind"]);
  expect(await audited(id)).toEqual([{ action: "run.cancel", details: JSON.stringify({ reason: "wrong file", from: status }) }]);
});

test("C1 what nobody drives and is not settled gets the truth: inline UNKNOWN, not yet sent FAILED, only read FAILED, being sent left alone", async () => {
  const { id } = await makeRun(store);
  const inline = await makeEffect(store, id, { status: "PENDING" });
  const unsent = await makeEffect(store, id, { status: "PENDING", dispatch: "OUTBOX", semantics: "NON_IDEMPOTENT", businessKey: "inv-1" });
  const sending = await makeEffect(store, id, { status: "PENDING", dispatch: "OUTBOX", semantics: "NON_IDEMPOTENT", businessKey: "inv-2" });
  const read = await makeEffect(store, id, { status: "PENDING", semantics: "OBSERVE_ONLY" });
  const lost = await makeEffect(store, id, { status: "UNKNOWN", checkInMs: 60_000 });
  await store.pool.query("UPDATE tape.effects SET in_flight_at = tape.now(), claim = 'c', claim_expires_at = tape.now() + interval '1 min' WHERE id = $1", [sending.id]);
  const before = await getEffect(store, { id: lost.id });

  await cancel(id);
  const { rows } = await store.pool.query("SELECT id, status, next_check_at <= tape.now() AS due, due_at IS NOT NULL AS queued, outcome_seq FROM tape.effects WHERE run_id = $1 ORDER BY created_at", [id]);
  expect(rows).toMatchObject([
    { id: inline.id, status: "UNKNOWN", due: true, outcome_seq: null },
    { id: unsent.id, status: "FAILED", queued: false },
    { id: sending.id, status: "PENDING", queued: true },
    { id: read.id, status: "FAILED" },
    { id: lost.id, status: "UNKNOWN" },
  ]);
  expect(await getEffect(store, { id: lost.id })).toEqual(before);
  expect(await getEffect(store, { id: unsent.id })).toMatchObject({ error: { name: "RunCancelled" } });
  expect((await entries(id)).filter(({ verb }) => verb === "failed")).toMatchObject([
    { payload: { effectId: unsent.id, by: "person", actor: operator.id, reason: "cancelled" } },
    { payload: { effectId: read.id, reason: "cancelled" } },
  ]);
  expect(await row(id)).toMatchObject({ open_effects: 3 });
  expect((await store.pool.query("SELECT business_key FROM tape.business_keys WHERE run_id = $1", [id])).rows).toEqual([{ business_key: "inv-2" }]);
});

test("C2 cancel of a driven run is CANCELLED at once; what its bodies bring is taken under the lease, whatever it is; then its driver leaves", async () => {
  const run = await drivenRun(store);
  const [paid, refused, lost, never] = ["paid", "refused", "lost", "never"].map((name) => run.effect(name)) as [Wire, Wire, Wire, Wire];
  await commitRuns(store, [run.commit([paid, refused, lost, never].map((wire) => wire.says("intended", {}, { compensator: "unwire" })))]);

  expect(await cancel(run.id)).toMatchObject({ status: "CANCELLED", settledAt: null, lease: { owner: "wrk_test", epoch: 1 }, whyWaiting: [{ code: "cancelling", sentence: expect.stringContaining("still runs paid since") }] });
  // No further model or tool call is recorded, so none is made.
  expect(await commitRuns(store, [run.commit([run.effect("more").says("intended")], { first: 4 })])).toMatchObject([{ ok: false, refused: "cancelled", reason: "wrong file" }]);
  expect(await renewLeases(store, { owner: "wrk_test", runs: [{ runId: run.id, epoch: 1 }], ttlMs: 60_000 })).toEqual(new Map([[run.id, "cancelled"]]));
  expect(await noticeCancel(store, { runId: run.id, ...lease })).toBe(true);
  expect(await noticeCancel(store, { runId: run.id, ...lease })).toBe(false);
  expect(await getRun(store, { id: run.id })).toMatchObject({ cancelNoticedAt: expect.any(String), settledAt: null });

  const late = (wire: Wire, outcome: Parameters<typeof recordLateOutcome>[1]["outcome"]) => recordLateOutcome(store, { runId: run.id, effectId: wire.id, key: wire.key, outcome, lease });
  await late(paid, { status: "confirmed", result: 1 });
  await late(refused, { status: "failed", error: { name: "E", message: "no" } });
  await late(lost, { status: "unknown", reason: "aborted", checkable: true });
  for (const wire of [refused, lost]) await late(wire, wire === refused ? { status: "failed", error: { name: "E", message: "no" } } : { status: "unknown", reason: "aborted", checkable: true });
  expect((await verbs(run.id)).slice(6)).toEqual(["run.cancel_noticed", "effect.confirmed", "obligation.registered", "effect.failed", "effect.unknown"]);
  expect((await entries(run.id)).filter(({ kind, verb }) => kind === "effect" && verb !== "intended" && verb !== "unknown").map(({ payload }) => (payload as { by: string }).by)).toEqual(["driver", "driver"]);

  expect(await settleRun(store, { runId: run.id, owner: "wrk_test", epoch: 2 })).toBe(false);
  expect(await settleRun(store, { runId: run.id, ...lease })).toBe(true);
  expect(await settleRun(store, { runId: run.id, ...lease })).toBe(false);
  expect((await verbs(run.id)).slice(-2)).toEqual(["effect.unknown", "run.settled"]);
  expect(await getEffect(store, { id: never.id })).toMatchObject({ status: "UNKNOWN" });
  expect(await getRun(store, { id: run.id })).toMatchObject({ status: "CANCELLED", settledAt: expect.any(String), lease: null, unsettled: 2, whyWaiting: [] });
});

type Wire = ReturnType<Awaited<ReturnType<typeof drivenRun>>["effect"]>;

test("D12 without the lease of a cancelled run, a FAILED changes nothing and a lost acknowledgement says nothing", async () => {
  const run = await drivenRun(store);
  const wire = run.effect("wire");
  await commitRuns(store, [run.commit([wire.says("intended")])]);
  await cancel(run.id);
  const late = (outcome: Parameters<typeof recordLateOutcome>[1]["outcome"]) => recordLateOutcome(store, { runId: run.id, effectId: wire.id, key: wire.key, outcome, lease: { owner: "wrk_test", epoch: 7 } });
  await late({ status: "unknown", reason: "aborted", checkable: true });
  await late({ status: "failed", error: { name: "E", message: "no" } });
  expect((await verbs(run.id)).slice(-1)).toEqual(["effect.late_failure"]);
  expect(await getEffect(store, { id: wire.id })).toMatchObject({ status: "PENDING" });
});

test("C4 a cancelled run is taken by nobody: neither queued, nor from a driver that died before it noticed", async () => {
  const queued = await makeRun(store, { agent: "c4" });
  const held = await makeRun(store, { agent: "c4", status: "RUNNING", leaseMs: -1 });
  await cancel(queued.id);
  await cancel(held.id);
  const agents = [{ app: "test", agent: "c4", version: null }];
  expect(await claimRuns(store, { owner: "wrk_new", agents, limit: 10, ttlMs: 60_000, suspects: true })).toEqual([]);
  expect(await takeOverRuns(store, { owner: "wrk_new", agents, limit: 10, ttlMs: 60_000, maxRedrives: 5, sessionLocks: true, driven: [], suspects: true })).toEqual({ claims: [], stuck: [] });
  expect(await settleAbandoned()).toContain(held.id);
});

test.each(RUN_STATUSES.filter((status) => !["RUNNABLE", "RUNNING", "WAITING", "STUCK", "CANCELLED"].includes(status)))("C5 cancel of a run that is %s says so and changes nothing", async (status) => {
  const shape = status === "COMPENSATING" || status === "COMPENSATED" ? { status, endedAs: "COMPLETED" as const } : { status };
  const { id } = await makeRun(store, shape);
  const before = await row(id);
  await expect(cancel(id)).rejects.toMatchObject({ code: "illegal_transition", details: { status }, message: expect.stringContaining(status) });
  expect(await row(id)).toEqual(before);
});

test("C5 cancel twice is one, the first reason stands; STUCK by compensation is told to resolve; a reason and an operator are needed", async () => {
  const { id } = await makeRun(store);
  const first = await cancel(id, "wrong file");
  expect(await cancel(id, "another reason")).toEqual(first);
  expect(await audited(id)).toHaveLength(1);
  const stuck = await makeRun(store, { status: "STUCK", endedAs: "CANCELLED", stuck: { code: "compensation", message: "gave up", obligationId: "obl_1" } });
  await expect(cancel(stuck.id)).rejects.toMatchObject({ code: "illegal_transition", message: expect.stringContaining("resolve the obligation"), details: { status: "STUCK", endedAs: "CANCELLED" } });
  await expect(cancel(id, "")).rejects.toMatchObject({ code: "invalid_input" });
  await expect(cancelRun(store, { id, reason: "x", actor: actors.approver })).rejects.toMatchObject({ code: "forbidden", details: { needed: "operator" } });
  await expect(cancel("run_0")).rejects.toMatchObject({ code: "not_found" });
});

test("C6 signal, decision, heartbeat, redrive and timer on a cancelled run are refused or ignored", async () => {
  const { id } = await makeRun(store, { status: "RUNNING" });
  const gate = await makeGate(store, id);
  await cancel(id);
  // Set after it, as by a crash between two processes.
  await makeTimer(store, id, { inMs: -1 });
  const before = await row(id);
  await expect(sendSignal(store, { runId: id, name: "go", by: "test" })).rejects.toMatchObject({ code: "illegal_transition" });
  await expect(decideGate(store, { id: gate.id, outcome: "approved", fingerprint: gate.fingerprint, actor: actors.approver })).rejects.toMatchObject({ code: "illegal_transition" });
  await expect(redriveRun(store, { id, reason: "again", actor: operator })).rejects.toMatchObject({ code: "illegal_transition", details: { status: "CANCELLED" } });
  await fireDueTimers(store);
  expect((await renewLeases(store, { owner: "wrk_test", runs: [{ runId: id, epoch: 1 }], ttlMs: 60_000 })).get(id)).toBe("cancelled");
  expect(await row(id)).toMatchObject({ status: "CANCELLED", seq: (before.seq as number) + 1, cancelled_at: before.cancelled_at, settled_at: null });
  expect((await verbs(id)).at(-1)).toBe("timer.cancelled");
});

test("C8 cancelling does not compensate: obligations stay dormant", async () => {
  const { id } = await makeRun(store);
  const { id: owed } = await makeObligation(store, id);
  await cancel(id);
  expect((await store.pool.query("SELECT id, status FROM tape.obligations WHERE run_id = $1", [id])).rows).toEqual([{ id: owed, status: "REGISTERED" }]);
  expect(await row(id)).toMatchObject({ armed: 0, status: "CANCELLED" });
});

test("C9 a driver that died before it noticed: settled by recovery once its lease is stale, what it had begun UNKNOWN, and it is fenced", async () => {
  const silent = async (id: string, silentMs: number) => {
    await registerWorker(store, { id, host: "h", pid: 1, lockKey: null, agents: [], tools: [] });
    await store.pool.query("UPDATE tape.workers SET beat_at = tape.now() - $2 * interval '1 ms' WHERE id = $1", [id, silentMs]);
  };
  await silent("wrk_dead", 10_500);
  await silent("wrk_alive", 0);
  const begun = async (owner: string, leaseMs: number) => {
    const run = await makeRun(store, { status: "RUNNING", owner, leaseMs });
    const inline = await makeEffect(store, run.id, { status: "PENDING" });
    const outbox = await makeEffect(store, run.id, { status: "PENDING", dispatch: "OUTBOX" });
    await cancel(run.id);
    return { ...run, inline, outbox };
  };
  const dead = await begun("wrk_dead", 60_000);
  const expired = await begun("wrk_alive", -1);
  const alive = await begun("wrk_alive", 60_000);
  expect(await getRun(store, { id: dead.id })).toMatchObject({ whyWaiting: [{ code: "cancelling", sentence: expect.stringContaining("recovery settles it") }] });

  expect((await settleAbandoned()).toSorted()).toEqual([dead.id, expired.id].toSorted());
  for (const { id, inline, outbox } of [dead, expired]) {
    expect(await row(id)).toMatchObject({ status: "CANCELLED", owner: null, lease_expires_at: null, epoch: 2, open_effects: 1 });
    expect(await getRun(store, { id })).toMatchObject({ settledAt: expect.any(String), whyWaiting: [] });
    expect((await verbs(id)).slice(-3)).toEqual(["effect.unknown", "effect.failed", "run.settled"]);
    expect((await entries(id)).at(-1)).toMatchObject({ payload: { by: "recovery" } });
    expect(await getEffect(store, { id: inline.id })).toMatchObject({ status: "UNKNOWN" });
    expect(await getEffect(store, { id: outbox.id })).toMatchObject({ status: "FAILED", error: { name: "RunCancelled" } });
    expect(await settleRun(store, { runId: id, owner: "wrk_alive", epoch: 1 })).toBe(false);
    // Compensation can start.
    expect(await compensateRun(store, { id, reason: "undo", actor: operator })).toMatchObject({ status: "COMPENSATING" });
  }
  expect(await row(alive.id)).toMatchObject({ settled_at: null, owner: "wrk_alive" });
  expect(await settleAbandoned()).toEqual([]);
});

test("C9 any number of workers that settle at once settle each run once, in batches", async () => {
  const runs: string[] = [];
  for (let n = 0; n < 30; n++) {
    const { id } = await makeRun(store, { status: "CANCELLED", owner: `wrk_${n}`, leaseMs: -1 });
    await makeEffect(store, id, { status: "PENDING" });
    runs.push(id);
  }
  expect(await settleAbandonedRuns(store, { limit: 7, sessionLocks: true })).toMatchObject({ more: true, settled: { length: 7 } });
  const rest = await Promise.all(Array.from({ length: 6 }, () => settleAbandonedRuns(store, { limit: 100, sessionLocks: false })));
  expect(rest.flatMap(({ settled }) => settled)).toHaveLength(23);
  for (const id of runs) expect((await verbs(id)).filter((verb) => verb === "run.settled")).toHaveLength(1);
});

const COMPLETED: RunEnd = { to: "COMPLETED", output: null, inbox: 0, closing: [] };
const WAITING: RunEnd = { to: "WAITING", waits: [{ on: "signal", key: "k", name: "go" }], inbox: 0, closing: [] };

test("race of a cancel with the commit that finishes the run, 50 times: one of the two, never both", async () => {
  for (let time = 0; time < 50; time++) {
    const run = await drivenRun(store);
    const [asked, [outcome]] = await Promise.all([cancel(run.id).catch((error: { code: string }) => error), commitRuns(store, [run.commit([], { end: COMPLETED })])]);
    const ended = (await verbs(run.id)).slice(1);
    if (outcome!.ok) expect([ended, asked]).toEqual([["run.completed"], expect.objectContaining({ code: "illegal_transition" })]);
    else expect([ended, outcome, asked]).toEqual([["run.cancelled"], expect.objectContaining({ refused: "cancelled" }), expect.objectContaining({ status: "CANCELLED", settledAt: null })]);
  }
});

test("race of a cancel with a park, 50 times: CANCELLED, and settled exactly if nobody holds it", async () => {
  for (let time = 0; time < 50; time++) {
    const run = await drivenRun(store);
    const [asked, [outcome]] = await Promise.all([cancel(run.id), commitRuns(store, [run.commit([], { end: WAITING })])]);
    expect(asked).toMatchObject({ status: "CANCELLED", settledAt: outcome!.ok ? expect.any(String) : null });
    if (!outcome!.ok) expect(await settleRun(store, { runId: run.id, ...lease })).toBe(true);
    expect(await row(run.id)).toMatchObject({ status: "CANCELLED", waits: null, owner: null, settled_at: expect.any(Date) });
  }
});

test("race of a cancel with a gate's decision, 50 times: the run is CANCELLED, and the gate has one outcome, told to the one who lost", async () => {
  for (let time = 0; time < 50; time++) {
    const { id } = await makeRun(store);
    const gate = await makeGate(store, id);
    await parkOn(store, id, [{ on: "gate", gateId: gate.id, name: gate.name }]);
    const decision = decideGate(store, { id: gate.id, outcome: "approved", fingerprint: gate.fingerprint, actor: actors.approver }).catch((error: { code: string }) => error);
    const [run, decided] = await Promise.all([cancel(id), decision]);
    expect(run).toMatchObject({ status: "CANCELLED", settledAt: expect.any(String) });
    const told = (await verbs(id)).filter((verb) => verb === "gate.decided" || verb === "gate.cancelled");
    expect(told).toHaveLength(1);
    expect(decided).toMatchObject(told[0] === "gate.decided" ? { status: "DECIDED" } : { code: "illegal_transition" });
  }
});
