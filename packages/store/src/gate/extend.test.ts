import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { listenForHints } from "../hint/listen.ts";
import { readJournal } from "../journal/read.ts";
import { getRun } from "../run/get.ts";
import { actors, makeGate, makeRun, openTestStore, parkOn, type GateShape, type TestStore } from "../testing/index.ts";
import { raceTimers } from "../testing/timer.ts";
import { fireDueTimers } from "../timer/fire-due.ts";
import { listTimers } from "../timer/list.ts";
import { decideGate } from "./decide.ts";
import { extendGate } from "./extend.ts";
import { getGate } from "./get.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore({ max: 30 });
});
afterAll(() => store.close());

const { approver, secondApprover, viewer, operator } = actors;

async function parkedAtGate(shape: GateShape = {}) {
  const { id: runId } = await makeRun(store);
  const gate = await makeGate(store, runId, shape);
  await parkOn(store, runId, [{ on: "gate", gateId: gate.id, name: gate.name }]);
  return gate;
}

const HOUR = 3_600_000;
const extend = ({ id }: { id: string }, actor: Actor = approver, more: { forMs?: number; reason?: string } = {}) => extendGate(store, { id, forMs: HOUR, reason: "she is on a plane", actor, ...more });
const approve = ({ id, fingerprint }: { id: string; fingerprint: string }) => decideGate(store, { id, outcome: "approved", fingerprint, actor: secondApprover });
const told = async (runId: string) => (await readJournal(store, { runId })).items.slice(2).map(({ kind, verb, payload }) => ({ is: `${kind}.${verb}`, ...(payload as object) }));
const counted = async (runId: string) => (await store.pool.query("SELECT status, inbox FROM tape.runs WHERE id = $1", [runId])).rows[0];
const soon = (at: string | null) => Date.parse(at!) - Date.now();

test("an extension moves the deadline of the gate and of its timer, is journaled, audited and told by a hint", async () => {
  const gate = await parkedAtGate({ deadlineMs: 60_000 });
  const heard: unknown[] = [];
  let isReady = false;
  const listener = listenForHints({ connectionString: store.database.url, onHints: (hints) => heard.push(...hints), onResync: () => (isReady = true) });
  await expect.poll(() => isReady).toBe(true);

  const { status, deadlineAt } = await extend(gate);
  expect(status).toBe("OPEN");
  expect(soon(deadlineAt)).toBeGreaterThan(HOUR - 5_000);
  expect(await getGate(store, gate)).toMatchObject({ deadlineAt });
  expect(await listTimers(store, gate)).toMatchObject([{ id: gate.id, kind: "gate_timeout", fireAt: deadlineAt, status: "ARMED" }]);
  expect(await told(gate.runId)).toEqual([
    { is: "gate.extended", gateId: gate.id, name: gate.name, deadlineAt, by: approver.id, reason: "she is on a plane" },
    { is: "timer.armed", timerId: gate.id, kind: "gate_timeout", fireAt: deadlineAt, by: approver.id },
  ]);
  expect(await counted(gate.runId)).toEqual({ status: "WAITING", inbox: 1 });
  expect((await getRun(store, { id: gate.runId })).whyWaiting).toMatchObject([{ code: "gate", until: deadlineAt }]);
  const audited = await store.pool.query("SELECT actor, action, run_id, details::json ->> 'reason' AS reason FROM tape.audit WHERE target = $1", [gate.id]);
  expect(audited.rows).toEqual([{ actor: approver.id, action: "gate.extend", run_id: gate.runId, reason: "she is on a plane" }]);
  await expect.poll(() => heard).toContainEqual({ on: "run", id: gate.runId, seq: 4, gates: true });
  await expect.poll(() => heard).toContainEqual({ on: "timer", at: Date.parse(deadlineAt!) });
  await listener.stop();
});

test("a gate without a deadline gets one, which closes it", async () => {
  const gate = await parkedAtGate();
  expect((await extend(gate, approver, { forMs: 1 })).deadlineAt).not.toBeNull();
  await expect.poll(async () => (await fireDueTimers(store), (await getGate(store, gate)).status)).toBe("TIMED_OUT");
  expect(await counted(gate.runId)).toEqual({ status: "RUNNABLE", inbox: 2 });
});

test("G3 a deadline that has passed while nobody looked can still be moved; once it was told, it stands", async () => {
  const gate = await parkedAtGate({ deadlineMs: -1 });
  await extend(gate);
  expect(await fireDueTimers(store)).toEqual({ fired: 0, more: false });
  await approve(gate);
  expect(await listTimers(store, gate)).toMatchObject([{ status: "CANCELLED" }]);
});

test("G3 the first gate times out, the backup is asked and decides; the late approval of the first is told what stands", async () => {
  const { id: runId } = await makeRun(store);
  const first = await makeGate(store, runId, { name: "cfo-approval", deadlineMs: -1 });
  await parkOn(store, runId, [{ on: "gate", gateId: first.id, name: first.name }]);
  await fireDueTimers(store);
  expect(await counted(runId)).toEqual({ status: "RUNNABLE", inbox: 1 });
  const { status, decidedAt } = await getGate(store, first);
  expect(status).toBe("TIMED_OUT");

  const backup = await makeGate(store, runId, { name: "backup-approval", deadlineMs: 60_000 });
  await parkOn(store, runId, [{ on: "gate", gateId: backup.id, name: backup.name }]);
  for (const late of [approve(first), extend(first)]) {
    await expect(late).rejects.toMatchObject({ code: "already_decided", details: { outcome: "timed_out", at: decidedAt } });
  }
  expect(await counted(runId)).toEqual({ status: "WAITING", inbox: 1 });
  expect(await approve(backup)).toMatchObject({ outcome: "approved", decidedBy: secondApprover.id });
  expect(await counted(runId)).toEqual({ status: "RUNNABLE", inbox: 2 });
});

test("extend and time out at the same moment, 200 times: it times out and the extension is told so, or it stays open until the new deadline", async () => {
  const raced = await raceTimers(store, { times: 200, make: () => parkedAtGate({ deadlineMs: 60_000 }), act: (gate) => extend(gate) });
  const outcomes = new Set<string>();
  for (const { thing: gate, answer } of raced) {
    const { status, deadlineAt } = await getGate(store, gate);
    outcomes.add(status);
    if (answer.status === "fulfilled") {
      expect(status).toBe("OPEN");
      expect(await listTimers(store, gate)).toMatchObject([{ status: "ARMED", fireAt: deadlineAt }]);
      expect((await told(gate.runId)).map(({ is }) => is)).toEqual(["gate.extended", "timer.armed"]);
      expect(await counted(gate.runId)).toEqual({ status: "WAITING", inbox: 1 });
    } else {
      expect(answer.reason).toMatchObject({ code: "already_decided", details: { outcome: "timed_out" } });
      expect((await told(gate.runId)).map(({ is }) => is)).toEqual(["gate.timed_out", "timer.fired"]);
    }
  }
  expect(outcomes).toEqual(new Set(["OPEN", "TIMED_OUT"]));
});

test("extend and decide at the same moment, 100 times: the decision stands, and no deadline is left armed", async () => {
  const gates = await Promise.all(Array.from({ length: 100 }, () => parkedAtGate({ deadlineMs: 60_000 })));
  const answers = await Promise.allSettled(gates.flatMap((gate, place) => (place % 2 ? [extend(gate), approve(gate)] : [approve(gate), extend(gate)])));
  for (const [place, gate] of gates.entries()) {
    expect(await getGate(store, gate)).toMatchObject({ status: "DECIDED", decidedBy: secondApprover.id });
    expect(await listTimers(store, gate)).toMatchObject([{ status: "CANCELLED" }]);
    const extended = answers[place * 2 + (place % 2 ? 0 : 1)]!;
    if (extended.status === "rejected") expect(extended.reason).toMatchObject({ code: "already_decided", details: { by: secondApprover.id } });
  }
});

test("G6 whoever may decide the gate may extend it, an operator too, and nobody else", async () => {
  const gate = await parkedAtGate({ assignees: [`user:${approver.email}`], allowSelf: false, quorum: 2 });
  await expect(extend(gate, viewer)).rejects.toMatchObject({ code: "forbidden", details: { needed: "approver" } });
  await expect(extend(gate, secondApprover)).rejects.toMatchObject({ code: "forbidden", details: { assignees: [`user:${approver.email}`] } });
  expect(await counted(gate.runId)).toEqual({ status: "WAITING", inbox: 0 });
  await extend(gate, operator);
  await decideGate(store, { id: gate.id, outcome: "approved", fingerprint: gate.fingerprint, actor: approver });
  await extend(gate, approver);
  expect(await counted(gate.runId)).toEqual({ status: "WAITING", inbox: 2 });
});

test("G5 refusals come in their order: decided, ended, withdrawn, forbidden; and nothing is changed", async () => {
  const decided = await parkedAtGate();
  await approve(decided);
  await expect(extend(decided, viewer)).rejects.toMatchObject({ code: "already_decided", details: { by: secondApprover.id } });
  for (const status of ["CANCELLED", "COMPLETED", "FAILED"] as const) {
    const ended = await makeGate(store, (await makeRun(store, { status })).id);
    await expect(extend(ended, viewer)).rejects.toMatchObject({ code: "illegal_transition", details: { status } });
    expect((await getGate(store, ended)).deadlineAt).toBeNull();
  }
  const withdrawn = await parkedAtGate();
  await store.pool.query("UPDATE tape.gates SET status = 'CANCELLED', outcome = 'cancelled', decided_at = tape.now() WHERE id = $1", [withdrawn.id]);
  await expect(extend(withdrawn, viewer)).rejects.toMatchObject({ code: "illegal_transition", details: { status: "CANCELLED" } });
  await expect(extend({ id: "gate_00000000000000000000000000" })).rejects.toMatchObject({ code: "not_found" });
});

test("L3 a time or a reason that does not fit is invalid_input and moves nothing", async () => {
  const gate = await parkedAtGate({ deadlineMs: 60_000 });
  const { deadlineAt } = await getGate(store, gate);
  for (const more of [{ forMs: 0 }, { forMs: 1.5 }, { forMs: 4e10 }, { reason: "  " }, { reason: "a\0b" }]) {
    await expect(extend(gate, approver, more), JSON.stringify(more)).rejects.toMatchObject({ code: "invalid_input" });
  }
  expect(await getGate(store, gate)).toMatchObject({ deadlineAt });
});
