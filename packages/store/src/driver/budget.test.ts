import { afterAll, beforeAll, expect, test } from "vitest";
import { cancelRun } from "../run/cancel.ts";
import { getRun } from "../run/get.ts";
import { drivenRun, type DrivenRun } from "../testing/driver.ts";
import { actors, openTestStore, type TestStore } from "../testing/index.ts";
import { commitRuns } from "./commit/batch.ts";
import { readForDriver } from "./read.ts";
import type { DriverRecord } from "./record.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const budgetOf = async ({ id }: DrivenRun) => (await readForDriver(store, { runId: id, fromSeq: 0 }))?.budget;
const commit = async (run: DrivenRun, ...given: Parameters<DrivenRun["commit"]>) => (await commitRuns(store, [run.commit(...given)]))[0]!;

/** What a driver says of one decision. */
function decisionOf(run: DrivenRun, name: string) {
  const key = `${run.id}//d0/${name}/1`;
  const asked: DriverRecord = { happening: { kind: "decision", verb: "asked", payload: { key, index: 1, name, model: "m", request: {}, fingerprint: "f", attempt: 1 } } };
  const answered: DriverRecord = {
    happening: { kind: "decision", verb: "answered", payload: { key, index: 1, response: 1, durationMs: 1, usage: { inputTokens: 6, outputTokens: 4, costMicroUsd: 40 } } },
  };
  return {
    key,
    asked,
    answered,
    reserved: (microUsd: number, tokens: number, cap?: { microUsd?: number; tokens?: number }): DriverRecord => ({ happening: { kind: "budget", verb: "reserved", payload: { key, microUsd, tokens, ...(cap && { cap }) } } }),
    settled: (microUsd: number, tokens: number, reservation: { microUsd: number; tokens: number }): DriverRecord => ({ happening: { kind: "budget", verb: "settled", payload: { key, microUsd, tokens } }, reservation }),
  };
}
const NONE = { capMicroUsd: null, capTokens: null, spentMicroUsd: 0, spentTokens: 0, reservedMicroUsd: 0, reservedTokens: 0 };

test("D42 what is set aside and what is spent change in the commit of their entries, once, also when it is sent again", async () => {
  const run = await drivenRun(store);
  expect(await budgetOf(run)).toEqual(NONE);
  const plan = decisionOf(run, "plan");
  const asks = [plan.reserved(70, 25), plan.asked];
  expect(await commit(run, asks)).toMatchObject({ ok: true, recorded: 2 });
  expect(await commit(run, asks)).toMatchObject({ ok: true, recorded: 2 });
  expect(await budgetOf(run)).toEqual({ ...NONE, reservedMicroUsd: 70, reservedTokens: 25 });
  expect((await getRun(store, { id: run.id })).budget).toEqual({ ...NONE, reservedMicroUsd: 70, reservedTokens: 25 });
  // Settled is what counts, not what the answer says beside it.
  expect(await commit(run, [plan.answered, plan.settled(45, 10, { microUsd: 70, tokens: 25 })], { first: 2 })).toMatchObject({ ok: true });
  expect(await budgetOf(run)).toEqual({ ...NONE, spentMicroUsd: 45, spentTokens: 10 });
  expect(await commit(run, [decisionOf(run, "free").answered], { first: 4 })).toMatchObject({ ok: true });
  expect(await budgetOf(run)).toEqual({ ...NONE, spentMicroUsd: 85, spentTokens: 20 });
});

test("D42 caps are written with the entry that names them, each by itself, and runs of one batch keep theirs", async () => {
  const [one, other] = [await drivenRun(store), await drivenRun(store)];
  const plan = decisionOf(one, "plan");
  await commitRuns(store, [one.commit([plan.reserved(0, 0, { microUsd: 100 }), plan.asked]), other.commit([decisionOf(other, "plan").reserved(3, 4)])]);
  expect(await budgetOf(one)).toEqual({ ...NONE, capMicroUsd: 100 });
  expect(await budgetOf(other)).toEqual({ ...NONE, reservedMicroUsd: 3, reservedTokens: 4 });
  const raised: DriverRecord = { happening: { kind: "budget", verb: "raised", payload: { key: plan.key, gateId: "gate_1", by: "user:ann@example.com", added: { microUsd: 50, tokens: 0 }, cap: { microUsd: 150 } } } };
  await commit(one, [raised], { first: 2 });
  expect(await budgetOf(one)).toEqual({ ...NONE, capMicroUsd: 150 });
});

test("D42 a driver that may not write charges nothing; what a cancelled run set aside stays charged", async () => {
  const run = await drivenRun(store);
  const plan = decisionOf(run, "plan");
  await commit(run, [plan.reserved(70, 25), plan.asked]);
  await cancelRun(store, { id: run.id, reason: "enough", actor: actors.operator });
  expect(await commit(run, [plan.answered, plan.settled(40, 10, { microUsd: 70, tokens: 25 })], { first: 2 })).toMatchObject({ ok: false, refused: "cancelled" });
  expect(await budgetOf(run)).toEqual({ ...NONE, reservedMicroUsd: 70, reservedTokens: 25 });
});
