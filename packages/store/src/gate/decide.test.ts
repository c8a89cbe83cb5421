import type { GateForm } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { readJournal } from "../journal/read.ts";
import { getRun } from "../run/get.ts";
import { listenForHints } from "../hint/listen.ts";
import { actors, makeGate, makeRun, openTestStore, parkOn, type GateShape, type RunShape, type TestStore } from "../testing/index.ts";
import { raceTimers } from "../testing/timer.ts";
import { decideGate } from "./decide.ts";
import { getGate } from "./get.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore({ max: 30 });
});
afterAll(() => store.close());

const { approver, secondApprover, thirdApprover, viewer, operator, admin } = actors;

async function parkedAtGate(shape: GateShape = {}, run: RunShape = {}) {
  const { id: runId } = await makeRun(store, run);
  const gate = await makeGate(store, runId, shape);
  await parkOn(store, runId, [{ on: "gate", gateId: gate.id, name: gate.name }]);
  return gate;
}

const approve = (gate: { id: string; fingerprint: string }, actor: Actor = approver, more: object = {}) =>
  decideGate(store, { id: gate.id, outcome: "approved", fingerprint: gate.fingerprint, actor, ...more });
const reject = (gate: { id: string; fingerprint: string }, actor: Actor = approver) => decideGate(store, { id: gate.id, outcome: "rejected", fingerprint: gate.fingerprint, actor });
const verbs = async (runId: string) => (await readJournal(store, { runId })).items.map(({ kind, verb }) => `${kind}.${verb}`);
const counters = async (runId: string) => (await store.pool.query("SELECT status, inbox, foreign_outcomes, open_effects FROM tape.runs WHERE id = $1", [runId])).rows[0];

test("an approval is journaled, wakes the run, disarms the deadline, is audited, and is told by a hint", async () => {
  const gate = await parkedAtGate({ deadlineMs: 60_000 });
  const heard: unknown[] = [];
  let isReady = false;
  const listener = listenForHints({ connectionString: store.database.url, onHints: (hints) => heard.push(...hints), onResync: () => (isReady = true) });
  await expect.poll(() => isReady).toBe(true);

  expect(await approve(gate, approver, { comment: "fine" })).toMatchObject({
    status: "DECIDED", outcome: "approved", decidedBy: approver.id, comment: "fine", payload: { total: 12 },
    decisions: [{ by: approver.id, outcome: "approved", comment: "fine" }],
  });
  expect(await counters(gate.runId)).toMatchObject({ status: "RUNNABLE", inbox: 1 });
  expect(await verbs(gate.runId)).toEqual(["run.started", "gate.opened", "gate.decided", "timer.cancelled"]);
  const timers = await store.pool.query("SELECT status FROM tape.timers WHERE run_id = $1", [gate.runId]);
  expect(timers.rows).toEqual([{ status: "CANCELLED" }]);
  const audited = await store.pool.query("SELECT actor, action, run_id, source FROM tape.audit WHERE target = $1", [gate.id]);
  expect(audited.rows).toEqual([{ actor: approver.id, action: "gate.approve", run_id: gate.runId, source: "test" }]);
  await expect.poll(() => heard).toContainEqual({ on: "run", id: gate.runId, seq: 4, wake: true, gates: true });
  await listener.stop();
});

test("a run that does not wait for this gate is not woken, and counts the arrival", async () => {
  const other = await parkedAtGate();
  const early = await makeGate(store, other.runId, { name: "early" });
  await approve(early);
  expect(await counters(other.runId)).toMatchObject({ status: "WAITING", inbox: 1 });
  const running = await makeRun(store, { status: "RUNNING" });
  await approve(await makeGate(store, running.id));
  expect(await counters(running.id)).toMatchObject({ status: "RUNNING", inbox: 1 });
});

test("G4 two gates open in one run, decided in reverse order: each carries its own decision", async () => {
  const { id: runId } = await makeRun(store);
  const first = await makeGate(store, runId, { name: "first" });
  const second = await makeGate(store, runId, { name: "second" });
  await parkOn(store, runId, [first, second].map((gate) => ({ on: "gate" as const, gateId: gate.id, name: gate.name })));
  await reject(second, secondApprover);
  expect(await counters(runId)).toMatchObject({ status: "RUNNABLE", inbox: 1 });
  await approve(first);
  expect(await counters(runId)).toMatchObject({ status: "RUNNABLE", inbox: 2 });
  expect(await getGate(store, first)).toMatchObject({ outcome: "approved", decidedBy: approver.id });
  expect(await getGate(store, second)).toMatchObject({ outcome: "rejected", decidedBy: secondApprover.id });
});

test("two people decide the same gate at the same moment, 200 times: one wins, the other is told who", async () => {
  const gates = await Promise.all(Array.from({ length: 200 }, () => parkedAtGate()));
  const answers = await Promise.allSettled(gates.flatMap((gate) => [approve(gate, approver), reject(gate, secondApprover)]));
  const standing = await Promise.all(gates.map((gate) => getGate(store, gate)));
  const told = await Promise.all(gates.map(({ runId }) => verbs(runId)));
  for (const [place, { outcome, decidedBy, decidedAt, decisions }] of standing.entries()) {
    const pair = answers.slice(place * 2, place * 2 + 2);
    const lost = pair.filter((answer) => answer.status === "rejected");
    expect(lost).toMatchObject([{ reason: { code: "already_decided", details: { outcome, by: decidedBy, at: decidedAt } } }]);
    expect(decisions).toHaveLength(1);
    expect(told[place]).toEqual(["run.started", "gate.opened", "gate.decided"]);
  }
  const audited = await store.pool.query("SELECT count(DISTINCT target)::int AS gates, count(*)::int AS lines FROM tape.audit WHERE target = ANY ($1)", [gates.map(({ id }) => id)]);
  expect(audited.rows).toEqual([{ gates: 200, lines: 200 }]);
});

test("G2 approve and time out at the same instant, 200 times: exactly one outcome each, the loser is told of the winner", async () => {
  const raced = await raceTimers(store, { times: 200, make: () => parkedAtGate({ deadlineMs: 60_000 }), act: (gate) => approve(gate) });
  const standing = await Promise.all(raced.map(({ thing }) => getGate(store, thing)));
  const told = await Promise.all(raced.map(({ thing }) => verbs(thing.runId)));
  const counted = await Promise.all(raced.map(({ thing }) => counters(thing.runId)));
  for (const [place, { status, outcome, decidedAt }] of standing.entries()) {
    const { answer } = raced[place]!;
    if (answer.status === "fulfilled") {
      expect({ status, outcome }).toEqual({ status: "DECIDED", outcome: "approved" });
      expect(told[place]).toEqual(["run.started", "gate.opened", "gate.decided", "timer.cancelled"]);
    } else {
      expect(answer.reason).toMatchObject({ code: "already_decided", status: 409, details: { outcome: "timed_out", at: decidedAt } });
      expect({ status, outcome }).toEqual({ status: "TIMED_OUT", outcome: "timed_out" });
      expect(told[place]).toEqual(["run.started", "gate.opened", "gate.timed_out", "timer.fired"]);
    }
    expect(counted[place]).toMatchObject({ status: "RUNNABLE", inbox: 1 });
  }
  expect(new Set(standing.map(({ outcome }) => outcome))).toEqual(new Set(["approved", "timed_out"]));
});

test("G5 a decision with a stale fingerprint is refused and resumes nothing", async () => {
  const gate = await parkedAtGate();
  await expect(approve({ ...gate, fingerprint: "0".repeat(64) })).rejects.toMatchObject({ code: "fingerprint_mismatch", details: { fingerprint: gate.fingerprint } });
  expect(await counters(gate.runId)).toMatchObject({ status: "WAITING", inbox: 0 });
  expect(await getGate(store, gate)).toMatchObject({ status: "OPEN", decisions: [] });
  await store.pool.query("UPDATE tape.gates SET status = 'CANCELLED', outcome = 'cancelled', decided_at = tape.now() WHERE id = $1", [gate.id]);
  await expect(approve(gate)).rejects.toMatchObject({ code: "fingerprint_mismatch", details: { fingerprint: null } });
});

test("G5 a decision after the run has ended is illegal_transition, with its status", async () => {
  for (const status of ["CANCELLED", "COMPLETED", "FAILED"] as const) {
    const { id } = await makeRun(store, { status });
    await expect(approve(await makeGate(store, id))).rejects.toMatchObject({ code: "illegal_transition", details: { status } });
  }
  const stuck = await makeRun(store, { status: "STUCK" });
  await approve(await makeGate(store, stuck.id));
  expect(await counters(stuck.id)).toMatchObject({ status: "STUCK", inbox: 1 });
});

test("refusals come in their order: decided, ended, forbidden, other words, the form", async () => {
  const decided = await parkedAtGate();
  await approve(decided);
  await expect(approve({ ...decided, fingerprint: "x" }, viewer)).rejects.toMatchObject({ code: "already_decided" });
  const ended = await makeGate(store, (await makeRun(store, { status: "FAILED" })).id);
  await expect(approve({ ...ended, fingerprint: "x" }, viewer)).rejects.toMatchObject({ code: "illegal_transition" });
  const open = await parkedAtGate();
  await expect(approve({ ...open, fingerprint: "x" }, viewer, { values: { a: 1 } })).rejects.toMatchObject({ code: "forbidden", details: { needed: "approver" } });
  await expect(approve({ ...open, fingerprint: "x" }, approver, { values: { a: 1 } })).rejects.toMatchObject({ code: "fingerprint_mismatch" });
  await expect(approve(open, approver, { values: { a: 1 } })).rejects.toMatchObject({ code: "invalid_input", details: { fields: [{ path: "values.a" }] } });
  for (const id of ["gate_00000000000000000000000000", "gate_\0", "", "run_x"]) await expect(approve({ ...open, id })).rejects.toMatchObject({ code: "not_found" });
});

test("G6 a quorum of two needs two people; one rejection decides; nobody counts twice", async () => {
  const gate = await parkedAtGate({ quorum: 2 });
  expect(await approve(gate)).toMatchObject({ status: "OPEN", outcome: null, decisions: [{ by: approver.id }] });
  expect(await counters(gate.runId)).toMatchObject({ status: "WAITING", inbox: 0 });
  await expect(approve(gate)).rejects.toMatchObject({ code: "forbidden", details: { quorum: 2 } });
  expect(await approve(gate, secondApprover)).toMatchObject({ status: "DECIDED", outcome: "approved", decidedBy: secondApprover.id });
  expect(await verbs(gate.runId)).toEqual(["run.started", "gate.opened", "gate.voted", "gate.decided"]);
  await expect(approve(gate, thirdApprover)).rejects.toMatchObject({ code: "already_decided" });

  const refused = await parkedAtGate({ quorum: 3 });
  await approve(refused);
  expect(await reject(refused, secondApprover)).toMatchObject({ status: "DECIDED", outcome: "rejected" });
});

test("G6 three people approve a quorum of two at the same moment: two count, the third is late", async () => {
  for (let turn = 0; turn < 20; turn++) {
    const gate = await parkedAtGate({ quorum: 2 });
    const answers = await Promise.allSettled([approver, secondApprover, thirdApprover].map((actor) => approve(gate, actor)));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    expect((await getGate(store, gate)).decisions).toHaveLength(2);
    expect(await counters(gate.runId)).toMatchObject({ inbox: 1 });
  }
});

test("G6 assignees only: a person by address, a role with those above it, and nobody else", async () => {
  const forAnn = await parkedAtGate({ assignees: ["user:Ann@example.com"] });
  await expect(approve(forAnn, admin)).rejects.toMatchObject({ code: "forbidden", details: { assignees: ["user:Ann@example.com"] } });
  await approve(forAnn, approver);
  const forOperators = await parkedAtGate({ assignees: ["role:operator"] });
  await expect(approve(forOperators, approver)).rejects.toMatchObject({ code: "forbidden" });
  await approve(forOperators, admin);
  const forNobody = await parkedAtGate({ assignees: ["role:cfo"] });
  await expect(approve(forNobody, admin)).rejects.toMatchObject({ code: "forbidden" });
});

test("G6 no self-approval, not through a run that the run was started by either; rejecting one's own is allowed", async () => {
  const own = { startedBy: approver.id };
  const gate = await parkedAtGate({ allowSelf: false }, own);
  await expect(approve(gate)).rejects.toMatchObject({ code: "forbidden", details: { startedBy: approver.id } });
  await approve(gate, secondApprover);

  const parent = await makeRun(store, own);
  const child = await parkedAtGate({ allowSelf: false }, { startedBy: `run:${parent.id}`, parentRunId: parent.id });
  await expect(approve(child)).rejects.toMatchObject({ code: "forbidden" });
  await approve(child, operator);
  await reject(await parkedAtGate({ allowSelf: false }, own));
  await approve(await parkedAtGate({ allowSelf: true }, own));
});

const form: GateForm = [
  { name: "limit", label: "Limit", type: "number", required: true },
  { name: "note", label: "Note", type: "textarea", required: false },
  { name: "account", label: "Account", type: "select", required: false, options: ["main", "petty"] },
  { name: "due", label: "Due", type: "date", required: false },
  { name: "urgent", label: "Urgent", type: "boolean", required: false },
];

test("a form's values are checked field by field, all problems at once, and come back with the approval", async () => {
  const gate = await parkedAtGate({ form });
  await expect(approve(gate, approver, { values: { limit: "12", note: 1, account: "other", due: "2026-02-30", urgent: "yes", more: 1 } })).rejects.toMatchObject({
    code: "invalid_input",
    details: { fields: ["limit", "note", "account", "due", "urgent", "more"].map((name) => ({ path: `values.${name}`, message: expect.any(String) })) },
  });
  await expect(approve(gate)).rejects.toMatchObject({ code: "invalid_input", details: { fields: [{ path: "values.limit" }] } });
  await approve(gate, approver, { values: { limit: 12.5, note: "", account: "main", due: "2026-02-28", urgent: false } });
  const decided = (await readJournal(store, { runId: gate.runId })).items.at(-1);
  expect(decided).toMatchObject({ verb: "decided", payload: { values: { limit: 12.5, account: "main", due: "2026-02-28", urgent: false }, fingerprint: gate.fingerprint } });
  await reject(await parkedAtGate({ form }));
});

test("L3 a comment that cannot be stored is invalid_input and decides nothing", async () => {
  const gate = await parkedAtGate();
  await expect(approve(gate, approver, { comment: "a\0b" })).rejects.toMatchObject({ code: "invalid_input" });
  expect((await getRun(store, { id: gate.runId })).status).toBe("WAITING");
});
