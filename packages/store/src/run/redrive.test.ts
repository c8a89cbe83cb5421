import { allows, RUN_STATUSES, runMachine, type RunStatus } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJournal } from "../journal/read.ts";
import { actors, makeRun, openTestStore, type TestStore } from "../testing/index.ts";
import { getRun } from "./get.ts";
import { redriveRun } from "./redrive.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const ask = (id: string, reason = "look again") => redriveRun(store, { id, reason, actor: actors.operator });
const shape = (status: RunStatus) => ({ status, ...((status === "COMPENSATING" || status === "COMPENSATED") && { endedAs: "COMPLETED" as const }) });

test.each(RUN_STATUSES.map((status) => [status]))("redrive from %s is as the machine says", async (status) => {
  const { id } = await makeRun(store, shape(status));
  if (allows(runMachine, status, "redrive")) {
    expect(await ask(id)).toMatchObject({ status: "RUNNABLE" });
    expect((await readJournal(store, { runId: id })).items.at(-1)).toMatchObject({ kind: "run", verb: "redriven", payload: { by: actors.operator.id, reason: "look again" } });
  } else {
    const before = await getRun(store, { id });
    await expect(ask(id)).rejects.toMatchObject({ code: "illegal_transition", details: { status } });
    expect(await getRun(store, { id })).toEqual({ ...before, whyWaiting: expect.anything() });
  }
});

test("a run that is STUCK in its compensation is told to resolve the obligation", async () => {
  const { id } = await makeRun(store, { status: "STUCK", endedAs: "CANCELLED", stuck: { code: "compensation", message: "gave up", obligationId: "obl_1" } });
  await expect(ask(id)).rejects.toMatchObject({ code: "illegal_transition", message: expect.stringContaining("resolve the obligation") });
});

test("FAILED says to start again or fork, RUNNING says who drives it", async () => {
  const failed = await makeRun(store, { status: "FAILED" });
  await expect(ask(failed.id)).rejects.toThrow("start again, or fork");
  const running = await makeRun(store, { status: "RUNNING", owner: "wrk_7" });
  await expect(ask(running.id)).rejects.toThrow("driven by wrk_7");
});

test("ten people at once redrive a run once", async () => {
  const { id } = await makeRun(store, { status: "WAITING" });
  const asked = await Promise.allSettled(Array.from({ length: 10 }, () => ask(id)));
  expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const audited = await store.pool.query("SELECT details FROM tape.audit WHERE target = $1", [id]);
  expect(audited.rows).toEqual([{ details: JSON.stringify({ reason: "look again", from: "WAITING" }) }]);
});

test("L3 an approver may not redrive, and is told which role is missing", async () => {
  const { id } = await makeRun(store, { status: "WAITING" });
  await expect(redriveRun(store, { id, reason: "x", actor: actors.approver })).rejects.toMatchObject({ code: "forbidden", details: { needed: "operator" } });
  await expect(ask(id, "")).rejects.toMatchObject({ code: "invalid_input" });
  await expect(ask("rubbish")).rejects.toMatchObject({ code: "not_found" });
});
