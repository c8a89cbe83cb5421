import { RUN_STATUSES, type RunStatus } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJournal } from "../journal/read.ts";
import { actors, makeRun, openTestStore, parkOn, type TestStore } from "../testing/index.ts";
import { sendSignal } from "./send.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const by = "token:ci";
const state = async (id: string) => (await store.pool.query("SELECT status, inbox, seq FROM tape.runs WHERE id = $1", [id])).rows[0];
const shape = (status: RunStatus) => ({ status, ...((status === "COMPENSATING" || status === "COMPENSATED") && { endedAs: "COMPLETED" as const }) });

test("G1 a signal before its await is kept: journaled and counted, and no other wait is ended by it", async () => {
  const { id: runId } = await makeRun(store, { status: "WAITING", waits: [{ on: "signal", key: "k", name: "go" }] });
  const early = await sendSignal(store, { runId, name: "early", payload: { n: 1 }, by });
  expect(await state(runId)).toEqual({ status: "WAITING", inbox: 1, seq: 2 });
  expect((await readJournal(store, { runId })).items.at(-1)).toMatchObject({ kind: "signal", verb: "received", payload: { signalId: early.signalId, name: "early", payload: { n: 1 }, by } });
  await sendSignal(store, { runId, name: "go", by });
  expect(await state(runId)).toEqual({ status: "RUNNABLE", inbox: 2, seq: 3 });
});

test("a hundred signals at once are all kept, in one order, and wake the run once", async () => {
  const { id: runId } = await makeRun(store);
  await parkOn(store, runId, [{ on: "signal", key: "k", name: "go" }]);
  await Promise.all(Array.from({ length: 100 }, (_, n) => sendSignal(store, { runId, name: "go", payload: n, by })));
  expect(await state(runId)).toEqual({ status: "RUNNABLE", inbox: 100, seq: 101 });
  const { items } = await readJournal(store, { runId });
  expect(items.map(({ seq }) => seq)).toEqual(Array.from({ length: 101 }, (_, n) => n + 1));
});

test.each(RUN_STATUSES.map((status) => [status]))("a signal to a run that is %s", async (status) => {
  const { id: runId } = await makeRun(store, shape(status));
  const sent = sendSignal(store, { runId, name: "anything", by });
  if (["RUNNABLE", "RUNNING", "WAITING", "STUCK"].includes(status)) {
    await sent;
    expect(await state(runId)).toMatchObject({ status, inbox: 1 });
  } else {
    await expect(sent).rejects.toMatchObject({ code: "illegal_transition", details: { status } });
    expect(await state(runId)).toMatchObject({ status, inbox: 0 });
  }
});

test("a run that is STUCK in its compensation has ended for signals", async () => {
  const { id: runId } = await makeRun(store, { status: "STUCK", endedAs: "FAILED", stuck: { code: "compensation", message: "gave up", obligationId: "obl_1" } });
  await expect(sendSignal(store, { runId, name: "go", by })).rejects.toMatchObject({ code: "illegal_transition", details: { status: "STUCK" } });
});

test("an Idempotency-Key makes one signal of many, also after the run has ended, and belongs to one signal", async () => {
  const { id: runId } = await makeRun(store);
  const keyed = { runId, name: "go", payload: 1, by, idempotencyKey: "s-1" };
  const sent = await Promise.all(Array.from({ length: 8 }, () => sendSignal(store, keyed)));
  expect(new Set(sent.map(({ signalId }) => signalId)).size).toBe(1);
  expect(sent.filter(({ repeated }) => !repeated)).toHaveLength(1);
  expect(await state(runId)).toMatchObject({ inbox: 1 });
  await expect(sendSignal(store, { ...keyed, payload: 2 })).rejects.toMatchObject({ code: "invocation_conflict" });
});

test("L3 reserved, unstorable and oversized signals store nothing; a signal by a person is audited", async () => {
  const { id: runId } = await makeRun(store);
  await expect(sendSignal(store, { runId, name: "gate.timeout", by })).rejects.toMatchObject({ code: "invalid_input", message: expect.stringContaining("reserved") });
  await expect(sendSignal(store, { runId, name: "a\0", by })).rejects.toMatchObject({ code: "invalid_input" });
  await expect(sendSignal(store, { runId, name: "go", payload: "x".repeat(2 ** 21), by })).rejects.toMatchObject({ code: "payload_too_large" });
  await expect(sendSignal(store, { runId: "rubbish", name: "go", by })).rejects.toMatchObject({ code: "not_found" });
  expect(await state(runId)).toMatchObject({ inbox: 0, seq: 1 });
  await sendSignal(store, { runId, name: "go", by: actors.operator.id, actor: actors.operator });
  expect((await store.pool.query("SELECT actor, action FROM tape.audit WHERE run_id = $1", [runId])).rows).toEqual([{ actor: actors.operator.id, action: "signal.send" }]);
});
