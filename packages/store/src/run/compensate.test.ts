import { compensationPlan as planSchema, type Hint } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordLateOutcome } from "../driver/late.ts";
import { settleRun } from "../driver/leave.ts";
import { commitRuns } from "../driver/commit/batch.ts";
import { renewLeases } from "../driver/renew.ts";
import { getEffect } from "../effect/get.ts";
import { resolveEffect } from "../effect/resolve.ts";
import { readJournal } from "../journal/read.ts";
import { drivenRun } from "../testing/driver.ts";
import { actors, makeEffect, makeObligation, makeRun, openTestStore, type TestStore } from "../testing/index.ts";
import { claimWalks } from "../walk/claim.ts";
import { registerWorker } from "../worker/register.ts";
import { cancelRun } from "./cancel.ts";
import { compensateRun } from "./compensate.ts";
import { compensationPlan } from "./compensation-plan.ts";
import { getRun } from "./get.ts";
import { settleAbandonedRuns } from "./settle-abandoned.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const { operator } = actors;
const compensate = (id: string) => compensateRun(store, { id, reason: "paid twice", actor: operator });
const row = async (id: string) => (await store.pool.query<Record<string, unknown>>("SELECT * FROM tape.runs WHERE id = $1", [id])).rows[0]!;
const verbs = async (runId: string) => (await readJournal(store, { runId })).items.map(({ kind, verb }) => `${kind}.${verb}`);
const claim = async (id: string) =>
  (await claimWalks(store, { owner: "wrk_walk", compensators: [{ app: "test", compensator: "unwire" }], limit: 100, ttlMs: 60_000, sessionLocks: true, driven: [] })).filter(({ runId }) => runId === id);

test("O1 a run that is COMPLETED keeps its obligations dormant, and nothing walks it", async () => {
  const { id } = await makeRun(store, { status: "COMPLETED" });
  for (let n = 0; n < 3; n++) await makeObligation(store, id);
  expect(await claim(id)).toEqual([]);
  expect((await store.pool.query("SELECT DISTINCT status FROM tape.obligations WHERE run_id = $1", [id])).rows).toEqual([{ status: "REGISTERED" }]);
  expect(await row(id)).toMatchObject({ armed: 0, status: "COMPLETED" });
});

test.each(["COMPLETED", "FAILED", "CANCELLED"] as const)("O2 compensate of a run that is %s: COMPENSATING, how it had ended is kept, and what was not sent is not sent any more", async (status) => {
  const { id } = await makeRun(store, { status });
  const unsent = await makeEffect(store, id, { status: "PENDING", dispatch: "OUTBOX", semantics: "NON_IDEMPOTENT", businessKey: `inv-${status}` });
  await makeObligation(store, id);
  const before = await getRun(store, { id });
  expect(await compensate(id)).toMatchObject({ status: "COMPENSATING", endedAs: status, settledAt: before.settledAt, endedAt: before.endedAt, unsettled: 0, error: before.error });
  expect((await verbs(id)).slice(-2)).toEqual(["run.compensating", "effect.failed"]);
  expect(await getEffect(store, { id: unsent.id })).toMatchObject({ status: "FAILED", error: { name: "RunCancelled" } });
  const { rows } = await store.pool.query<{ action: string; details: string }>("SELECT action, details FROM tape.audit WHERE target = $1", [id]);
  expect(rows).toEqual([{ action: "run.compensate", details: JSON.stringify({ reason: "paid twice", from: status }) }]);
});

test("O2 compensate asked twice, also by two people at once, is one", async () => {
  const { id } = await makeRun(store, { status: "COMPLETED" });
  const answers = await Promise.all(Array.from({ length: 10 }, () => compensate(id)));
  expect(new Set(answers.map(({ seq }) => seq))).toEqual(new Set([3]));
  expect((await verbs(id)).slice(2)).toEqual(["run.compensating"]);
  expect((await store.pool.query("SELECT FROM tape.audit WHERE target = $1", [id])).rowCount).toBe(1);
  const done = await makeRun(store, { status: "COMPENSATED", endedAs: "FAILED" });
  expect(await compensate(done.id)).toMatchObject({ status: "COMPENSATED", endedAs: "FAILED" });
});

test("compensate of a live run says to cancel it first, of one that is STUCK in it to resolve; a reason and an operator are needed", async () => {
  for (const status of ["RUNNABLE", "RUNNING", "WAITING", "STUCK"] as const) {
    const { id } = await makeRun(store, { status });
    const before = await row(id);
    await expect(compensate(id)).rejects.toMatchObject({ code: "illegal_transition", details: { status }, message: expect.stringContaining("cancel it first") });
    expect(await row(id)).toEqual(before);
    expect((await compensationPlan(store, { id })).refusal).toContain("cancel it first");
  }
  const stuck = await makeRun(store, { status: "STUCK", endedAs: "COMPLETED", stuck: { code: "compensation", message: "gave up", obligationId: "obl_1" } });
  await expect(compensate(stuck.id)).rejects.toThrow("resolve the obligation");
  const { id } = await makeRun(store, { status: "COMPLETED" });
  await expect(compensateRun(store, { id, reason: "", actor: operator })).rejects.toMatchObject({ code: "invalid_input" });
  await expect(compensateRun(store, { id, reason: "x", actor: actors.approver })).rejects.toMatchObject({ code: "forbidden", details: { needed: "operator" } });
});

test("O3 compensate while a body still runs: the walk waits for it, and includes what it confirmed", async () => {
  const run = await drivenRun(store);
  const wire = run.effect("wire");
  await commitRuns(store, [run.commit([wire.says("intended", {}, { compensator: "unwire" })])]);
  await cancelRun(store, { id: run.id, reason: "wrong file", actor: operator });
  expect(await compensate(run.id)).toMatchObject({ status: "COMPENSATING", endedAs: "CANCELLED", settledAt: null, lease: { owner: "wrk_test" }, whyWaiting: [{ code: "compensating" }, { code: "effect_unsettled" }] });
  expect(await compensationPlan(store, { id: run.id })).toMatchObject({ drivenBy: "wrk_test", unsettled: [{ id: wire.id, status: "PENDING" }], items: [] });
  expect(await claim(run.id)).toEqual([]);

  // Its driver is told as when it was only cancelled.
  expect(await commitRuns(store, [run.commit([run.effect("more").says("intended")], { first: 1 })])).toMatchObject([{ ok: false, refused: "cancelled" }]);
  expect((await renewLeases(store, { owner: "wrk_test", runs: [{ runId: run.id, epoch: 1 }], ttlMs: 60_000 })).get(run.id)).toBe("cancelled");
  const lease = { owner: "wrk_test", epoch: 1 };
  await recordLateOutcome(store, { runId: run.id, effectId: wire.id, key: wire.key, outcome: { status: "confirmed", result: { ref: 1 } }, lease });
  expect(await claim(run.id)).toEqual([]);
  expect(await settleRun(store, { runId: run.id, ...lease })).toBe(true);
  expect((await compensationPlan(store, { id: run.id })).items).toMatchObject([{ effect: { id: wire.id }, obligation: { status: "REGISTERED" } }]);
  expect(await claim(run.id)).toMatchObject([{ runId: run.id, taken: "walk", epoch: 2 }]);
  // From here the lease is a walker's: renewing it is no news of a cancellation.
  expect((await renewLeases(store, { owner: "wrk_walk", runs: [{ runId: run.id, epoch: 2 }], ttlMs: 60_000 })).get(run.id)).toBe("ok");
  expect((await compensationPlan(store, { id: run.id })).drivenBy).toBeNull();
});

test("O3 compensate while the driver of the cancelled run is dead: recovery settles it, then the walk may begin", async () => {
  const { id } = await makeRun(store, { status: "COMPENSATING", endedAs: "CANCELLED", owner: "wrk_gone", settled: false, leaseMs: -1 });
  expect(await claim(id)).toEqual([]);
  expect((await settleAbandonedRuns(store, { limit: 100, sessionLocks: true })).settled).toEqual([id]);
  expect(await row(id)).toMatchObject({ status: "COMPENSATING", settled_at: expect.any(Date), owner: null, epoch: 2 });
  expect(await claim(id)).toMatchObject([{ runId: id }]);
});

test("O8 the plan lists in order what would be undone, with sums, before anything is, and changes nothing", async () => {
  await registerWorker(store, { id: "wrk_plan", host: "h", pid: 1, lockKey: null, agents: [], tools: [{ app: "test", tool: "unwire", can: "compensate" }] });
  const { id } = await makeRun(store, { status: "CANCELLED" });
  const eur = (amount: string) => ({ to: "acme", money: { amount, currency: "EUR" } });
  const first = await makeObligation(store, id, { request: eur("100.10"), summary: "Recall 100.10 EUR", did: "Wired 100.10 EUR" });
  const second = await makeObligation(store, id, { request: eur("0.20") });
  const third = await makeObligation(store, id, { result: { amount: "5", currency: "JPY" }, compensator: "unbook" });
  const fourth = await makeObligation(store, id, { compensator: "unbook" });
  const fifth = await makeObligation(store, id, { request: eur("1000") });
  await store.pool.query("UPDATE tape.obligations SET status = 'WAIVED', settled_at = tape.now() WHERE id = $1", [fifth.id]);
  const lost = await makeEffect(store, id, { tool: "notify" });
  const before = await row(id);

  const plan = await compensationPlan(store, { id });
  expect(planSchema.parse(plan)).toEqual(plan);
  expect(plan).toMatchObject({ runId: id, status: "CANCELLED", refusal: null, drivenBy: null, withoutAmount: 1 });
  expect(plan.items.map(({ obligation, hasWorker }) => [obligation.id, hasWorker])).toEqual([[fifth.id, true], [fourth.id, false], [third.id, false], [second.id, true], [first.id, true]]);
  expect(plan.items.at(-1)).toMatchObject({
    obligation: { summary: "Recall 100.10 EUR", amount: { amount: "100.10", currency: "EUR" }, status: "REGISTERED" },
    effect: { id: first.effect.id, tool: "wire", summary: "Wired 100.10 EUR", settledAt: expect.any(String) },
  });
  expect(plan.totals).toEqual([{ currency: "JPY", amount: "5", count: 1 }, { currency: "EUR", amount: "100.30", count: 2 }]);
  expect(plan.unsettled).toMatchObject([{ id: lost.id, tool: "notify", status: "UNKNOWN" }]);
  expect(await row(id)).toEqual(before);
  await expect(compensationPlan(store, { id: "run_0" })).rejects.toMatchObject({ code: "not_found" });
});

test("O8 the plan of a run on its way back says that it was asked for", async () => {
  for (const status of ["COMPENSATING", "COMPENSATED"] as const) {
    const { id } = await makeRun(store, { status, endedAs: "COMPLETED" });
    expect(await compensationPlan(store, { id })).toMatchObject({ status, refusal: expect.stringContaining(status), items: [], totals: [] });
  }
});

test("whoever walks is woken once a walk can begin, and not before", async () => {
  const heard: Hint[] = [];
  const listening = { ...store, hints: { ...store.hints, publish: (hints: readonly Hint[]) => void heard.push(...hints) } };
  const isWoken = () => heard.splice(0).some(({ on }) => on === "reactors");
  const ask = (id: string) => compensateRun(listening, { id, reason: "undo", actor: operator });
  await ask((await makeRun(store, { status: "COMPLETED" })).id);
  expect(isWoken()).toBe(true);
  const held = await makeRun(store, { status: "CANCELLED", owner: "wrk_test" });
  await ask(held.id);
  expect(isWoken()).toBe(false);
  await settleRun(listening, { runId: held.id, owner: "wrk_test", epoch: 1 });
  expect(isWoken()).toBe(true);
  const open = await makeRun(store, { status: "CANCELLED" });
  const { id: effect } = await makeEffect(store, open.id, { checkInMs: 60_000 });
  await ask(open.id);
  expect(isWoken()).toBe(false);
  await resolveEffect(listening, { id: effect, outcome: "failed", reason: "asked the bank", actor: operator });
  expect(isWoken()).toBe(true);
});
