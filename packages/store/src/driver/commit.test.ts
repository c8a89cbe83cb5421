import { newId, type Happening } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJournal } from "../journal/read.ts";
import { sendSignal } from "../signal/send.ts";
import { cancelRun } from "../run/cancel.ts";
import { actors, makeRun, openTestStore, type TestStore } from "../testing/index.ts";
import { drivenRun, sampled, type DrivenRun } from "../testing/driver.ts";
import { commitRuns } from "./commit/batch.ts";
import { recordLateOutcome } from "./late.ts";
import { settleRun } from "./leave.ts";
import type { DriverRecord, RunCommitOutcome, RunEnd } from "./record.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

async function row<T = Record<string, unknown>>(table: string, runId: string): Promise<T[]> {
  const { rows } = await store.pool.query<{ row: T }>(`SELECT to_jsonb(t) AS row FROM tape.${table} t WHERE ${table === "runs" ? "id" : "run_id"} = $1`, [runId]);
  return rows.map(({ row }) => row);
}
const runRow = async ({ id }: { id: string }) => (await row("runs", id))[0]!;
const verbs = async ({ id }: { id: string }) => (await readJournal(store, { runId: id, fromSeq: 0, limit: 500 })).items.map(({ kind, verb }) => `${kind}.${verb}`);
const commit = async (run: DrivenRun, ...given: Parameters<DrivenRun["commit"]>): Promise<RunCommitOutcome> => (await commitRuns(store, [run.commit(...given)]))[0]!;

const WAITING: RunEnd = { to: "WAITING", waits: [{ on: "signal", key: "k", name: "go" }], inbox: 0, closing: [] };
const COMPLETED: RunEnd = { to: "COMPLETED", output: { paid: 3 }, inbox: 0, closing: [] };

test("an intent is a PENDING effect, its tries are counted, its outcome settles it; the run counts what is open", async () => {
  const run = await drivenRun(store);
  const wire = run.effect("wire");
  const note = run.effect("note");
  await commit(run, [wire.says("intended", { summary: "Wire it" }, { compensator: "unwire" }), note.says("intended")]);
  expect(await runRow(run)).toMatchObject({ seq: 3, recorded: 2, open_effects: 2, losses: 0 });
  expect(await row("effects", run.id)).toMatchObject([
    { id: wire.id, key: wire.key, tool: "wire", status: "PENDING", request_seq: 2, attempts: 1, summary: "Wire it", compensator: "unwire", due_at: null },
    { id: note.id, status: "PENDING", request_seq: 3, compensator: null },
  ]);

  await commit(run, [wire.says("attempt_failed", { attempt: 1, error: { name: "E", message: "m" }, retryInMs: 5 }), note.says("resumed", { attempt: 4 })], { first: 2 });
  expect((await row("effects", run.id)).map(({ attempts }) => attempts)).toEqual([2, 4]);

  const owed = { id: newId("obl"), compensator: "unwire", payload: '{"input":1,"result":2}', summary: "Unwire it" };
  const outcome = await commit(run, [wire.says("confirmed", { by: "driver", result: 2, externalRef: "bank-7" }, { obligation: owed }), note.says("failed", { by: "driver", error: { name: "E", message: "m" } })], { first: 4 });
  expect(outcome).toMatchObject({ ok: true, seq: 8, recorded: 7, ended: false, inbox: 0, foreign: 0 });
  expect((await verbs(run)).slice(5)).toEqual(["effect.confirmed", "obligation.registered", "effect.failed"]);
  expect(await row("effects", run.id)).toMatchObject([
    { status: "CONFIRMED", outcome_seq: 6, external_ref: "bank-7", summary: "Wire it", unknown_since: null },
    { status: "FAILED", outcome_seq: 8 },
  ]);
  expect(await row("obligations", run.id)).toMatchObject([{ id: owed.id, effect_id: wire.id, effect_key: wire.key, position: 6, kind: "unwire", reason: "confirmed", status: "REGISTERED", payload: owed.payload, summary: "Unwire it" }]);
  expect(await runRow(run)).toMatchObject({ open_effects: 0, recorded: 7 });
});

test("a lost acknowledgement leaves an effect UNKNOWN and open: due to be asked after, or for a person", async () => {
  const run = await drivenRun(store);
  const wire = run.effect("wire");
  const note = run.effect("note");
  await commit(run, [wire.says("intended"), note.says("intended")]);
  await commit(run, [wire.says("unknown", { reason: "lost" }, { checkable: true }), note.says("unknown", { reason: "lost" }, { checkable: false })], { first: 2 });
  const [first, second] = await row("effects", run.id);
  expect(first).toMatchObject({ status: "UNKNOWN", needs_person: false, checks: 0, next_check_at: expect.any(String) });
  expect(second).toMatchObject({ status: "UNKNOWN", needs_person: true, next_check_at: null });
  expect(await runRow(run)).toMatchObject({ open_effects: 2 });
});

test("a gate and a timer get their instants from the database, in the row and in the entry alike", async () => {
  const run = await drivenRun(store);
  const gateId = newId("gate");
  const opened = { gateId, name: "cfo", key: "k", occurrence: 1, payload: { total: 1 }, form: null, risk: "high", display: null, assignees: ["role:cfo"], quorum: 2, fingerprint: "f", deadlineAt: null } as const;
  await commit(run, [
    { happening: { kind: "gate", verb: "opened", payload: { ...opened, assignees: [...opened.assignees] } }, due: { field: "deadlineAt", inMs: 5_000 }, allowSelf: false },
    { happening: { kind: "timer", verb: "armed", payload: { timerId: gateId, kind: "gate_timeout", fireAt: "" } }, due: { field: "fireAt", inMs: 5_000 }, ref: gateId },
  ]);
  const [gate] = await row<Record<string, string>>("gates", run.id);
  const [timer] = await row<Record<string, string>>("timers", run.id);
  expect(gate).toMatchObject({ id: gateId, agent: run.agent, status: "OPEN", opened_seq: 2, risk: "high", assignees: ["role:cfo"], quorum: 2, allow_self: false });
  expect(timer).toMatchObject({ id: gateId, kind: "gate_timeout", ref: gateId, status: "ARMED", fire_at: gate!.deadline_at });
  const { items } = await readJournal(store, { runId: run.id, fromSeq: 1 });
  expect(items.map(({ payload }) => new Date((payload as { deadlineAt?: string; fireAt?: string }).deadlineAt ?? (payload as { fireAt: string }).fireAt).getTime())).toEqual(
    [gate!.deadline_at, timer!.fire_at].map((at) => Math.trunc(new Date(at!).getTime())),
  );

  const closing: DriverRecord[] = [
    { happening: { kind: "gate", verb: "cancelled", payload: { gateId, name: "cfo", reason: "run_ended" } } },
    { happening: { kind: "timer", verb: "cancelled", payload: { timerId: gateId, kind: "gate_timeout" } } },
  ];
  await commit(run, [], { first: 2, end: { ...COMPLETED, closing } });
  expect(await row("gates", run.id)).toMatchObject([{ status: "CANCELLED", outcome: "cancelled" }]);
  expect(await row("timers", run.id)).toMatchObject([{ status: "CANCELLED" }]);
  expect(await verbs(run)).toEqual(["run.started", "gate.opened", "timer.armed", "gate.cancelled", "timer.cancelled", "run.completed"]);
});

test("a gate that was decided before its driver could void it keeps its decision, and another is opened under its key", async () => {
  const run = await drivenRun(store);
  const opened = (gateId: string): DriverRecord => ({
    happening: { kind: "gate", verb: "opened", payload: { gateId, name: "cfo", key: "k", occurrence: 1, payload: 1, form: null, risk: null, display: null, assignees: [], quorum: 1, fingerprint: "f", deadlineAt: null } },
  });
  const [first, second] = [newId("gate"), newId("gate")];
  await commit(run, [opened(first)]);
  await store.pool.query("UPDATE tape.gates SET status = 'DECIDED', outcome = 'approved', decided_by = 'user:ann', decided_at = tape.now() WHERE id = $1", [first]);
  const voided: DriverRecord = { happening: { kind: "gate", verb: "cancelled", payload: { gateId: first, name: "cfo", reason: "payload_changed" } } };
  expect(await commit(run, [voided, opened(second)], { first: 1 })).toMatchObject({ ok: true });
  expect((await row("gates", run.id)).map(({ id, status, outcome }) => ({ id, status, outcome }))).toEqual(
    expect.arrayContaining([{ id: first, status: "DECIDED", outcome: "approved" }, { id: second, status: "OPEN", outcome: null }]),
  );
});

test("what an answer cost is added to the run, and progress clears its suspicion", async () => {
  const run = await drivenRun(store);
  await store.pool.query("UPDATE tape.runs SET losses = 3 WHERE id = $1", [run.id]);
  const asked: Happening = { kind: "decision", verb: "asked", payload: { key: "k", index: 1, name: "plan", model: "m", request: 1, fingerprint: "f", attempt: 1 } };
  await commit(run, [{ happening: asked }, sampled(run, 1)]);
  expect(await runRow(run)).toMatchObject({ losses: 3, spent_tokens: 0 });
  const usage = { inputTokens: 70, outputTokens: 5, costMicroUsd: 12 };
  await commit(run, [{ happening: { kind: "decision", verb: "answered", payload: { key: "k", index: 1, response: 1, durationMs: 1, usage } } }], { first: 2 });
  expect(await runRow(run)).toMatchObject({ spent_tokens: 75, spent_micro_usd: 12 });
  expect((await runRow(run)).losses).toBeLessThanOrEqual(0);
});

const ENDS: [RunEnd, object, string][] = [
  [WAITING, { status: "WAITING", waits: JSON.stringify(WAITING.to === "WAITING" && WAITING.waits), ended_at: null, settled_at: null }, "parked"],
  [COMPLETED, { status: "COMPLETED", outcome_seq: 3, ended_at: expect.any(String), settled_at: expect.any(String) }, "completed"],
  [{ to: "FAILED", error: { name: "E", message: "m" }, inbox: 0, closing: [] }, { status: "FAILED", outcome_seq: 3, ended_at: expect.any(String) }, "failed"],
  [{ to: "STUCK", reason: { code: "nondeterminism", message: "m", recorded: "a", asked: "b" }, inbox: null, closing: [] }, { status: "STUCK", stuck: expect.stringContaining("nondeterminism"), ended_as: null }, "stuck"],
  [{ to: "RUNNABLE", reason: "stopping", inMs: 0, inbox: null, closing: [] }, { status: "RUNNABLE", waits: null }, "released"],
];

test.each(ENDS.map((each) => [each[0].to, ...each] as const))("an end to %s leaves no lease, in the commit of the last record", async (_to, end, expected, verb) => {
  const run = await drivenRun(store);
  expect(await commit(run, [sampled(run, 1)], { end })).toMatchObject({ ok: true, ended: true, seq: 3, recorded: 2 });
  expect(await runRow(run)).toMatchObject({ ...expected, owner: null, lease_expires_at: null, seq: 3, epoch: 1 });
  expect(await verbs(run)).toEqual(["run.started", "run.sampled", `run.${verb}`]);
});

test("D33 an end is refused when something has arrived that its driver has not seen; what it had to say is kept", async () => {
  for (const end of [WAITING, COMPLETED]) {
    const run = await drivenRun(store);
    await sendSignal(store, { runId: run.id, name: "go", by: "test" });
    expect(await commit(run, [sampled(run, 1)], { end })).toMatchObject({ ok: true, ended: false, inbox: 1, seq: 3, recorded: 1 });
    expect(await runRow(run)).toMatchObject({ status: "RUNNING", owner: "wrk_test", seq: 3, waits: null });
    expect(await commit(run, [], { first: 1, end })).toMatchObject({ ok: true, ended: false });
    expect(await commit(run, [], { first: 1, end: { ...end, inbox: 1 } })).toMatchObject({ ok: true, ended: true, seq: 4 });
    // One that ends whatever came does not look.
    const other = await drivenRun(store);
    await sendSignal(store, { runId: other.id, name: "go", by: "test" });
    expect(await commit(other, [], { end: { ...end, inbox: null } })).toMatchObject({ ok: true, ended: true });
  }
});

test("D11 every way of not being the driver is refused, nothing of it is written, and the other groups of the batch are", async () => {
  const fine = await drivenRun(store);
  const [epoch, owner, first] = await Promise.all([drivenRun(store), drivenRun(store), drivenRun(store)]);
  const others = await Promise.all((["WAITING", "COMPLETED", "FAILED", "STUCK", "RUNNABLE"] as const).map((status) => drivenRun(store, { status })));
  const cancelled = await drivenRun(store, { status: "CANCELLED", owner: "wrk_test" });
  const gone = await drivenRun(store);
  await store.pool.query("DELETE FROM tape.runs WHERE id = $1", [gone.id]);

  const groups = [
    epoch.commit([sampled(epoch, 1)], { epoch: 2 }),
    owner.commit([sampled(owner, 1)], { owner: "wrk_other" }),
    first.commit([sampled(first, 1)], { first: 5 }),
    ...others.map((run) => run.commit([sampled(run, 1)], { end: COMPLETED })),
    cancelled.commit([sampled(cancelled, 1)]),
    gone.commit([sampled(gone, 1)]),
    fine.commit([sampled(fine, 1)]),
  ];
  const before = await Promise.all([epoch, owner, first, ...others, cancelled].map(runRow));
  const outcomes = await commitRuns(store, groups);
  expect(outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.refused))).toEqual([...Array<string>(3 + others.length).fill("lease_lost"), "cancelled", "lease_lost", "ok"]);
  expect(outcomes.at(-3)).toMatchObject({ reason: "wrong file" });
  expect(await Promise.all([epoch, owner, first, ...others, cancelled].map(runRow))).toEqual(before);
  expect(await verbs(epoch)).toEqual(["run.started"]);
  expect(await row("entries", gone.id)).toHaveLength(1);
  expect(await verbs(fine)).toEqual(["run.started", "run.sampled"]);
});

test("an outcome is refused once somebody else has settled an effect, and taken once the driver has seen it", async () => {
  const run = await drivenRun(store);
  const [wire, note] = [run.effect("wire"), run.effect("note")];
  await commit(run, [wire.says("intended"), note.says("intended")]);
  await recordLateOutcome(store, { runId: run.id, effectId: wire.id, key: wire.key, outcome: { status: "confirmed", result: "late" } });
  for (const settling of [wire.says("confirmed", { by: "driver", result: 1 }), note.says("failed", { by: "driver", error: { name: "E", message: "m" } }), note.says("unknown", { reason: "lost" })]) {
    expect(await commit(run, [settling], { first: 2 })).toMatchObject({ ok: false, refused: "settled_elsewhere" });
  }
  // What settles nothing is no concern of theirs.
  expect(await commit(run, [sampled(run, 1)], { first: 2 })).toMatchObject({ ok: true, foreign: 1, inbox: 1 });
  expect(await commit(run, [note.says("confirmed", { by: "driver", result: 1 })], { first: 3, foreign: 1 })).toMatchObject({ ok: true });
  expect(await runRow(run)).toMatchObject({ open_effects: 0 });
  expect(await row("effects", run.id)).toMatchObject([{ status: "CONFIRMED", outcome_seq: 4 }, { status: "CONFIRMED" }]);
});

test("D20 a commit sent again because its acknowledgement was lost is answered as it was, and written once", async () => {
  const run = await drivenRun(store);
  const wire = run.effect("wire");
  const said = [wire.says("intended")];
  const first = await commit(run, said);
  expect(await commit(run, said)).toEqual({ ...first, at: expect.any(Number) });
  expect(await runRow(run)).toMatchObject({ seq: 2, open_effects: 1 });

  const ended = await commit(run, [wire.says("confirmed", { by: "driver", result: 1 })], { first: 1, end: WAITING });
  expect(ended).toMatchObject({ ok: true, ended: true, recorded: 3 });
  const again = () => commit(run, [wire.says("confirmed", { by: "driver", result: 1 })], { first: 1, end: WAITING });
  expect(await again()).toEqual({ ...ended, at: expect.any(Number) });
  // What came after it does not change that it went through: woken, cancelled. A new epoch does.
  await sendSignal(store, { runId: run.id, name: "go", by: "test" });
  expect(await again()).toMatchObject({ ok: true, ended: true });
  await store.pool.query("UPDATE tape.runs SET status = 'CANCELLED', cancel_reason = 'x', cancelled_by = 'x', cancelled_at = tape.now(), ended_at = tape.now() WHERE id = $1", [run.id]);
  expect(await again()).toMatchObject({ ok: true, ended: true });
  await store.pool.query("UPDATE tape.runs SET epoch = 2, recorded = 9 WHERE id = $1", [run.id]);
  expect(await again()).toMatchObject({ ok: false, refused: "lease_lost" });
  expect(await verbs(run)).toEqual(["run.started", "effect.intended", "effect.confirmed", "run.parked", "signal.received"]);
});

test("D20 an end alone that is sent again is answered as it was, whether it was refused or not", async () => {
  const run = await drivenRun(store);
  await sendSignal(store, { runId: run.id, name: "go", by: "test" });
  expect(await commit(run, [], { end: WAITING })).toMatchObject({ ok: true, ended: false });
  expect(await commit(run, [], { end: WAITING })).toMatchObject({ ok: true, ended: false });
  expect(await commit(run, [], { end: { ...WAITING, inbox: 1 } })).toMatchObject({ ok: true, ended: true });
  expect(await commit(run, [], { end: { ...WAITING, inbox: 1 } })).toMatchObject({ ok: true, ended: true });
  expect(await verbs(run)).toEqual(["run.started", "signal.received", "run.parked"]);
});

test("D20 a commit whose end was put off, sent again after the run was cancelled, has not ended it: its driver still has to leave", async () => {
  const run = await drivenRun(store);
  await sendSignal(store, { runId: run.id, name: "go", by: "test" });
  const say = () => commit(run, [sampled(run, 1)], { end: WAITING });
  expect(await say()).toMatchObject({ ok: true, ended: false });
  await cancelRun(store, { id: run.id, reason: "wrong file", actor: actors.operator });
  expect(await say()).toMatchObject({ ok: true, ended: false });
  expect(await settleRun(store, { runId: run.id, owner: "wrk_test", epoch: 1 })).toBe(true);
});

test("a commit renews the lease once a third of it is gone, and not before", async () => {
  const run = await drivenRun(store, { leaseMs: 50_000 });
  const expiry = async () => (await runRow(run)).lease_expires_at;
  const before = await expiry();
  await commit(run, [sampled(run, 1)]);
  expect(await expiry()).toBe(before);
  await store.pool.query("UPDATE tape.runs SET lease_expires_at = tape.now() + interval '39 seconds' WHERE id = $1", [run.id]);
  await commit(run, [sampled(run, 2)], { first: 1 });
  const { rows } = await store.pool.query<{ leftMs: number }>(`SELECT (extract(epoch FROM lease_expires_at - tape.now()) * 1000)::float8 AS "leftMs" FROM tape.runs WHERE id = $1`, [run.id]);
  expect(rows[0]!.leftMs).toBeGreaterThan(50_000);
});

test("two hundred groups are one statement, each run's entries without a gap", async () => {
  const runs = await Promise.all(Array.from({ length: 200 }, () => drivenRun(store)));
  const outcomes = await commitRuns(store, runs.map((run) => run.commit([run.effect("wire").says("intended"), sampled(run, 1), sampled(run, 2)])));
  expect(outcomes.every((outcome) => outcome.ok && outcome.seq === 4 && outcome.recorded === 3)).toBe(true);
  const { rows } = await store.pool.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM (SELECT run_id FROM tape.entries WHERE run_id = ANY ($1) GROUP BY run_id HAVING max(seq) = 4 AND count(*) = 4) whole",
    [runs.map(({ id }) => id)],
  );
  expect(rows[0]!.n).toBe(200);
});

test("D33 batches over the same runs in any order never deadlock, beside people who lock one run at a time", async () => {
  const runs = await Promise.all(Array.from({ length: 40 }, () => drivenRun(store)));
  const shuffled = () => runs.toSorted(() => Math.random() - 0.5);
  const said = new Map(runs.map(({ id }) => [id, 0]));
  const batch = async (): Promise<void> => {
    for (let round = 0; round < 15; round++) {
      const groups = shuffled().map((run) => run.commit([sampled(run, round)], { first: said.get(run.id)! }));
      const outcomes = await commitRuns(store, groups);
      outcomes.forEach((outcome, place) => {
        const { runId } = groups[place]!;
        if (outcome.ok) said.set(runId, Math.max(said.get(runId)!, outcome.recorded));
      });
    }
  };
  const people = async (): Promise<void> => {
    for (const { id } of shuffled()) await sendSignal(store, { runId: id, name: "go", by: "test" });
  };
  await Promise.all([batch(), batch(), batch(), batch(), people(), people()]);
  for (const run of runs) {
    const { seq } = await runRow(run);
    const { rows } = await store.pool.query<{ n: number; last: number }>("SELECT count(*)::int AS n, max(seq) AS last FROM tape.entries WHERE run_id = $1", [run.id]);
    expect(rows[0]).toEqual({ n: seq, last: seq });
  }
});

test("text that a column cannot hold keeps nothing from being written; a body keeps it whole", async () => {
  const run = await drivenRun(store);
  const wire = run.effect("wire");
  const owed = { id: newId("obl"), compensator: "undo", payload: JSON.stringify({ result: "\u0000\ud800" }), summary: "\ud800" };
  await commit(run, [wire.says("intended", { summary: "a\u0000" })]);
  expect(await commit(run, [wire.says("confirmed", { by: "driver", result: "\u0000 and \ud800", externalRef: "\u0000", summary: "\udc00!" }, { obligation: owed })], { first: 1 })).toMatchObject({ ok: true });
  expect(await row("effects", run.id)).toMatchObject([{ external_ref: "\ufffd", summary: "\ufffd!" }]);
  expect(await row("obligations", run.id)).toMatchObject([{ payload: owed.payload, summary: "\ufffd" }]);
  const { items } = await readJournal(store, { runId: run.id, fromSeq: 2 });
  expect(items[0]!.payload).toMatchObject({ result: "\u0000 and \ud800" });
});

test("a run that is made and one that is driven differ in their lease alone", async () => {
  const run = await makeRun(store);
  const [outcome] = await commitRuns(store, [{ runId: run.id, owner: "wrk_test", epoch: 0, first: 0, foreign: 0, ttlMs: 1, records: [sampled(run, 1)] }]);
  expect(outcome).toMatchObject({ ok: false, refused: "lease_lost" });
});
