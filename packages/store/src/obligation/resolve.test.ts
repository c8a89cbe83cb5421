import { afterAll, beforeAll, expect, test } from "vitest";
import { readJournal } from "../journal/read.ts";
import { actors, makeObligation, makeRun, openTestStore, type ObligationShape, type RunShape, type TestStore } from "../testing/index.ts";
import { registerWorker } from "../worker/register.ts";
import { getObligation } from "./get.ts";
import { resolveObligation, type ResolveObligation } from "./resolve.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const { operator } = actors;
const resolve = (id: string, outcome: ResolveObligation["outcome"], reason = "spoke to the bank") => resolveObligation(store, { id, outcome, reason, actor: operator });
const row = async (id: string) => (await store.pool.query<Record<string, unknown>>("SELECT * FROM tape.runs WHERE id = $1", [id])).rows[0]!;
const last = async (runId: string) => (await readJournal(store, { runId })).items.at(-1)!;
const stuck: RunShape = { status: "STUCK", endedAs: "COMPLETED", stuck: { code: "compensation", message: "gave up", obligationId: "obl_1" } };
async function owing(run: RunShape, shape: ObligationShape) {
  const { id: runId } = await makeRun(store, run);
  const { id } = await makeObligation(store, runId, shape);
  return { runId, id };
}

test.each([
  ["done", "COMPENSATED", "compensated"],
  ["retry", "PENDING", "retried"],
  ["waived", "WAIVED", "waived"],
] as const)("O5 a person says %s of a STUCK obligation: %s, with a reason, in the journal and in the audit log", async (outcome, status, verb) => {
  const { id, runId } = await owing(stuck, { status: "STUCK", attempts: 5 });
  const answer = await resolve(id, outcome);
  expect(answer).toMatchObject({ id, status, attempts: 5, settledAt: outcome === "retry" ? null : expect.any(String), nextAttemptAt: outcome === "retry" ? expect.any(String) : null });
  expect(await getObligation(store, { id })).toEqual(answer);
  expect(await last(runId)).toMatchObject({ kind: "obligation", verb, payload: { obligationId: id, by: operator.id, reason: "spoke to the bank" } });
  expect(await row(runId)).toMatchObject({ status: "COMPENSATING", ended_as: "COMPLETED", stuck: null, armed: outcome === "retry" ? 1 : 0 });
  const { rows } = await store.pool.query<{ action: string; run_id: string; details: string }>("SELECT action, run_id, details FROM tape.audit WHERE target = $1", [id]);
  expect(rows).toEqual([{ action: "obligation.resolve", run_id: runId, details: JSON.stringify({ outcome, reason: "spoke to the bank", compensator: "unwire", from: "STUCK" }) }]);
});

test("O5 resolve twice is refused the second time, also by ten people at once", async () => {
  const { id, runId } = await owing(stuck, { status: "STUCK" });
  const asked = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => resolve(id, n % 2 ? "done" : "waived")));
  expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await expect(resolve(id, "retry")).rejects.toMatchObject({ code: "illegal_transition", message: expect.stringContaining("since") });
  expect((await store.pool.query("SELECT FROM tape.audit WHERE target = $1", [id])).rowCount).toBe(1);
  expect(await row(runId)).toMatchObject({ status: "COMPENSATING" });
});

test("O5 the run goes on only when the last obligation that is STUCK is resolved", async () => {
  const { id, runId } = await owing(stuck, { status: "STUCK" });
  const other = await makeObligation(store, runId, { status: "STUCK" });
  await resolve(id, "done");
  expect(await row(runId)).toMatchObject({ status: "STUCK" });
  await resolve(other.id, "waived");
  expect(await row(runId)).toMatchObject({ status: "COMPENSATING" });
});

test("a STUCK obligation of a duplicate changes no run's status (D18)", async () => {
  const { id, runId } = await owing({ status: "COMPLETED" }, { status: "STUCK" });
  await resolve(id, "waived");
  expect(await row(runId)).toMatchObject({ status: "COMPLETED" });
});

test("a PENDING obligation can be waived between its attempts or when nobody is at it, and never while one is being made", async () => {
  const walked: RunShape = { status: "COMPENSATING", endedAs: "CANCELLED", owner: "wrk_walking" };
  await registerWorker(store, { id: "wrk_walking", host: "h", pid: 1, lockKey: null, agents: [], tools: [] });
  const trying = await owing(walked, { status: "PENDING" });
  await store.pool.query("UPDATE tape.obligations SET claim = 'wrk_walking/1' WHERE id = $1", [trying.id]);
  await expect(resolve(trying.id, "waived")).rejects.toMatchObject({ code: "illegal_transition", message: expect.stringContaining("wrk_walking"), details: { status: "PENDING", runStatus: "COMPENSATING" } });
  const backingOff = await owing(walked, { status: "PENDING", attempts: 2, retryInMs: 4_000 });
  expect(await getObligation(store, { id: backingOff.id })).toMatchObject({ nextAttemptAt: expect.any(String), lastError: "the bank is closed" });
  expect(await resolve(backingOff.id, "waived")).toMatchObject({ status: "WAIVED", nextAttemptAt: null });
  expect(await row(backingOff.runId)).toMatchObject({ status: "COMPENSATING", armed: 0 });
  const armedOnly = await owing(walked, { status: "PENDING" });
  expect(await resolve(armedOnly.id, "waived")).toMatchObject({ status: "WAIVED" });
  const unclaimed = await owing({ ...walked, owner: undefined }, { status: "PENDING" });
  expect(await resolve(unclaimed.id, "waived")).toMatchObject({ status: "WAIVED" });
  await store.pool.query("UPDATE tape.workers SET beat_at = tape.now() - interval '11 s' WHERE id = 'wrk_walking'");
  expect(await resolve(trying.id, "waived")).toMatchObject({ status: "WAIVED" });
  const tried = await owing({ ...walked, owner: undefined }, { status: "PENDING" });
  for (const outcome of ["done", "retry"] as const) await expect(resolve(tried.id, outcome)).rejects.toMatchObject({ code: "illegal_transition", message: expect.stringContaining("Waive it") });
});

test("O5 a dormant obligation has nothing to resolve; a reason and an operator are needed", async () => {
  const { id } = await owing({ status: "COMPLETED" }, {});
  for (const outcome of ["done", "retry", "waived"] as const) await expect(resolve(id, outcome)).rejects.toMatchObject({ code: "illegal_transition", details: { status: "REGISTERED" } });
  await expect(resolve(id, "done", "")).rejects.toMatchObject({ code: "invalid_input" });
  await expect(resolveObligation(store, { id, outcome: "done", reason: "x", actor: actors.approver })).rejects.toMatchObject({ code: "forbidden", details: { needed: "operator" } });
  await expect(resolve("obl_0", "done")).rejects.toMatchObject({ code: "not_found" });
  await expect(getObligation(store, { id: "obl_00000000000000000000000000" })).rejects.toMatchObject({ code: "not_found" });
});
