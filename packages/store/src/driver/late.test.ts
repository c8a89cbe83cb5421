import { newId } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJournal } from "../journal/read.ts";
import { drivenRun, type DrivenRun } from "../testing/driver.ts";
import { claimDuplicates } from "../obligation/claim-duplicates.ts";
import { recordDuplicate } from "../obligation/record-duplicate.ts";
import { cancelRun } from "../run/cancel.ts";
import { compensateRun } from "../run/compensate.ts";
import { actors, openTestStore, parkOn, type TestStore } from "../testing/index.ts";
import { claimWalks, nextReversal } from "../walk/index.ts";
import { commitRuns } from "./commit/batch.ts";
import { recordLateOutcome, type LateOutcomeInput } from "./late.ts";
import { settleRun } from "./leave.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

type Wire = ReturnType<DrivenRun["effect"]>;
const runRow = async ({ id }: { id: string }) => (await store.pool.query<Record<string, unknown>>("SELECT * FROM tape.runs WHERE id = $1", [id])).rows[0]!;
const effectRow = async ({ id }: { id: string }) => (await store.pool.query<Record<string, unknown>>("SELECT * FROM tape.effects WHERE id = $1", [id])).rows[0]!;
const owed = async ({ id }: { id: string }) => (await store.pool.query<Record<string, unknown>>("SELECT id, reason, status, payload, position FROM tape.obligations WHERE run_id = $1 ORDER BY position", [id])).rows;
const verbs = async ({ id }: { id: string }) => (await readJournal(store, { runId: id, fromSeq: 0, limit: 100 })).items.map(({ kind, verb }) => `${kind}.${verb}`);
const obligation = () => ({ id: newId("obl"), compensator: "unwire", payload: '{"input":1,"result":2}' });

/** A run whose driver has begun one effect, and was then lost. */
async function begun(status: "PENDING" | "UNKNOWN" = "PENDING"): Promise<{ run: DrivenRun; wire: Wire; late(outcome: LateOutcomeInput["outcome"]): Promise<void> }> {
  const run = await drivenRun(store);
  const wire = run.effect("wire");
  await commitRuns(store, [run.commit([wire.says("intended", {}, { compensator: "unwire" })])]);
  if (status === "UNKNOWN") await commitRuns(store, [run.commit([wire.says("unknown", { reason: "lost" }, { checkable: true })], { first: 1 })]);
  return { run, wire, late: (outcome) => recordLateOutcome(store, { runId: run.id, effectId: wire.id, key: wire.key, outcome }) };
}

test.each(["PENDING", "UNKNOWN"] as const)("E10 late outcome of an effect that is %s settles it, with its obligation, and tells the driver that has the run", async (status) => {
  const { run, wire, late } = await begun(status);
  const debt = obligation();
  await late({ status: "confirmed", result: 2, externalRef: "bank-7", summary: "Wired", obligation: debt });
  expect(await effectRow(wire)).toMatchObject({ status: "CONFIRMED", external_ref: "bank-7", summary: "Wired", unknown_since: null, next_check_at: null, settled_at: expect.any(Date) });
  expect(await owed(run)).toMatchObject([{ id: debt.id, reason: "confirmed", status: "REGISTERED", payload: debt.payload }]);
  expect(await runRow(run)).toMatchObject({ inbox: 1, foreign_outcomes: 1, open_effects: 0, status: "RUNNING", owner: "wrk_test" });
  expect((await verbs(run)).slice(-2)).toEqual(["effect.confirmed", "obligation.registered"]);
});

test("E10 late outcome: a run that waits for the effect goes on, one that waits for another thing does not", async () => {
  for (const waitsForIt of [true, false]) {
    const { run, wire, late } = await begun("UNKNOWN");
    await parkOn(store, run.id, [{ on: "effect", effectId: waitsForIt ? wire.id : newId("eff"), tool: "wire" }]);
    await late({ status: "confirmed", result: 2 });
    expect(await runRow(run)).toMatchObject(waitsForIt ? { status: "RUNNABLE", waits: null } : { status: "WAITING" });
  }
});

test("E10 late outcome after another stands is a conflict: the first stands, and what was done is owed", async () => {
  for (const standing of ["failed", "confirmed"] as const) {
    const { run, wire, late } = await begun();
    const payload = standing === "failed" ? { by: "driver", error: { name: "E", message: "m" } } : { by: "driver", result: "the second driver's" };
    await commitRuns(store, [run.commit([wire.says(standing, payload)], { first: 1 })]);
    const debt = obligation();
    const before = await effectRow(wire);
    await late({ status: "confirmed", result: 2, obligation: debt });
    expect(await effectRow(wire)).toEqual(before);
    expect(await owed(run)).toMatchObject([{ id: debt.id, reason: "conflict", status: "REGISTERED" }]);
    expect(await runRow(run)).toMatchObject({ open_effects: 0, foreign_outcomes: 0, inbox: 0 });
    expect((await verbs(run)).slice(-2)).toEqual(["effect.conflict", "obligation.registered"]);
    // Said again because its acknowledgement was lost, it is the same one.
    await late({ status: "confirmed", result: 2, obligation: debt });
    expect((await verbs(run)).filter((verb) => verb === "effect.conflict")).toHaveLength(1);
    expect(await owed(run)).toHaveLength(1);
  }
});

test("E10 late outcome of a run that is COMPENSATED already is undone by itself: no walk comes by any more", async () => {
  const { run, wire, late } = await begun();
  await commitRuns(store, [run.commit([wire.says("failed", { by: "driver", error: { name: "E", message: "m" } })], { first: 1 })]);
  await cancelRun(store, { id: run.id, reason: "wrong file", actor: actors.operator });
  await settleRun(store, { runId: run.id, owner: "wrk_test", epoch: 1 });
  await compensateRun(store, { id: run.id, reason: "undo it", actor: actors.operator });
  const [walk] = await claimWalks(store, { owner: "wrk_w", compensators: [], limit: 1, ttlMs: 60_000, sessionLocks: false, driven: [] });
  expect(await nextReversal(store, { ...walk!, compensators: [] })).toEqual({ to: "done" });
  await late({ status: "confirmed", result: 2 });
  expect(await owed(run)).toMatchObject([{ reason: "conflict", status: "PENDING" }]);
  expect(await runRow(run)).toMatchObject({ status: "COMPENSATED", armed: 1 });
  const [copy] = await claimDuplicates(store, { owner: "wrk_1", compensators: [{ app: "test", compensator: "unwire" }], limit: 10 });
  await recordDuplicate(store, { obligationId: copy!.id, claim: copy!.claim, attempt: 1, owner: "wrk_w", outcome: { status: "compensated" } });
  expect(await owed(run)).toMatchObject([{ status: "COMPENSATED" }]);
  expect(await runRow(run)).toMatchObject({ status: "COMPENSATED", armed: 0 });
});

test("E10 late outcome said twice, or as it was recorded, is one", async () => {
  const { run, late } = await begun();
  const debt = obligation();
  for (let time = 0; time < 3; time++) await late({ status: "confirmed", result: { a: 1 }, obligation: debt });
  expect(await verbs(run)).toEqual(["run.started", "effect.intended", "effect.confirmed", "obligation.registered"]);
  expect(await runRow(run)).toMatchObject({ open_effects: 0, foreign_outcomes: 1 });

  const other = await begun();
  await commitRuns(store, [other.run.commit([other.wire.says("confirmed", { by: "driver", result: { a: 1 } })], { first: 1 })]);
  await other.late({ status: "confirmed", result: { a: 1 } });
  expect(await verbs(other.run)).toEqual(["run.started", "effect.intended", "effect.confirmed"]);
});

test("D12 a late FAILED is journaled, once, and changes nothing", async () => {
  const { run, wire, late } = await begun();
  const before = { effect: await effectRow(wire), run: await runRow(run) };
  for (let time = 0; time < 2; time++) await late({ status: "failed", error: { name: "E", message: "no" } });
  expect(await effectRow(wire)).toEqual(before.effect);
  expect(await runRow(run)).toEqual({ ...before.run, seq: 3 });
  expect((await verbs(run)).at(-1)).toBe("effect.late_failure");
});

test("E10 late outcome of ten drivers at once is one outcome, counted once, beside the commits of the one that has the run", async () => {
  for (let time = 0; time < 10; time++) {
    const { run, wire, late } = await begun();
    const own = commitRuns(store, [run.commit([wire.says("confirmed", { by: "driver", result: "own" })], { first: 1 })]);
    const [[outcome]] = await Promise.all([own, ...Array.from({ length: 10 }, () => late({ status: "confirmed", result: "late" }))]);
    expect((await verbs(run)).filter((verb) => verb === "effect.confirmed")).toHaveLength(1);
    expect(await runRow(run)).toMatchObject({ open_effects: 0, foreign_outcomes: outcome?.ok ? 0 : 1 });
    expect((await verbs(run)).filter((verb) => verb === "effect.conflict")).toHaveLength(outcome?.ok ? 1 : 0);
  }
});

test("D20 an outcome is taken whatever its words hold: columns get what they can hold, the entry keeps it whole", async () => {
  const { run, wire, late } = await begun();
  const debt = { ...obligation(), summary: "undo\u0000" };
  await late({ status: "confirmed", result: "\u0000", externalRef: "bank\u0000", summary: "\ud800", obligation: debt });
  expect(await effectRow(wire)).toMatchObject({ status: "CONFIRMED", external_ref: "bank\ufffd", summary: "\ufffd" });
  expect((await store.pool.query("SELECT summary FROM tape.obligations WHERE id = $1", [debt.id])).rows).toEqual([{ summary: "undo\ufffd" }]);
  expect((await readJournal(store, { runId: run.id, fromSeq: 2 })).items[0]).toMatchObject({ payload: { result: "\u0000", externalRef: "bank\u0000", summary: "\ud800" } });
});

test("D22 a late answer of a tool that only reads contradicts nothing", async () => {
  const run = await drivenRun(store);
  const read = run.effect("read");
  await commitRuns(store, [run.commit([read.says("intended", { semantics: "OBSERVE_ONLY" })])]);
  await commitRuns(store, [run.commit([read.says("failed", { by: "driver", error: { name: "E", message: "no" } })], { first: 1 })]);
  await recordLateOutcome(store, { runId: run.id, effectId: read.id, key: read.key, outcome: { status: "confirmed", result: 2 } });
  expect(await verbs(run)).toEqual(["run.started", "effect.intended", "effect.failed"]);
});
