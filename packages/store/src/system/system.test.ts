import { afterAll, beforeAll, expect, test } from "vitest";
import { settingOnce } from "../setting/once.ts";
import { makeEffect, makeGate, makeRun, openTestStore, type TestStore } from "../testing/index.ts";
import { inTransaction } from "../transaction.ts";
import { appendToRun } from "../journal/append.ts";
import { serverTime } from "./server-time.ts";
import { systemStatus } from "./status.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

test("status counts what needs somebody", async () => {
  expect(await systemStatus(store)).toEqual({
    runs: { RUNNABLE: 0, RUNNING: 0, WAITING: 0, COMPENSATING: 0, STUCK: 0, COMPLETED: 0, FAILED: 0, CANCELLED: 0, COMPENSATED: 0 },
    openGates: 0, unknownEffects: 0, unsentEffects: 0, conflicts: 0, stuckRuns: 0, unsettledOutbox: 0, workers: 0,
  });
  const { id } = await makeRun(store);
  await makeRun(store, { status: "STUCK" });
  await makeRun(store, { status: "COMPLETED" });
  await makeGate(store, id);
  const effect = await makeEffect(store, id);
  await makeEffect(store, id, { status: "PENDING", dispatch: "OUTBOX" });
  const payload = { effectId: effect.id, key: effect.key, outcome: "confirmed", result: 1, standing: "FAILED", by: "late" } as const;
  await inTransaction(store, (tx) => appendToRun(tx, { runId: id, happenings: [{ kind: "effect", verb: "conflict", payload }] }));
  expect(await systemStatus(store)).toMatchObject({ runs: { RUNNABLE: 1, STUCK: 1, COMPLETED: 1 }, openGates: 1, unknownEffects: 1, conflicts: 1, stuckRuns: 1, unsettledOutbox: 1 });
});

test("the server's time is the database's", async () => {
  expect(Math.abs(Date.parse(await serverTime(store)) - Date.now())).toBeLessThan(60_000);
});

test("a setting is made once, whoever asks first", async () => {
  let made = 0;
  const values = await Promise.all(Array.from({ length: 20 }, () => settingOnce(store, "secret", () => `value ${++made}`)));
  expect(new Set(values).size).toBe(1);
  const before = made;
  expect(await settingOnce(store, "secret", () => `value ${++made}`)).toBe(values[0]);
  expect(made).toBe(before);
});
