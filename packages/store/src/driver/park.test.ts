import { afterAll, beforeAll, expect, test } from "vitest";
import { sendSignal } from "../signal/send.ts";
import { drivenRun } from "../testing/driver.ts";
import { makeTimer, openTestStore, type TestStore } from "../testing/index.ts";
import { fireDueTimers } from "../timer/fire-due.ts";
import { commitRuns } from "./commit/batch.ts";
import { recordLateOutcome } from "./late.ts";
import { unparkRun } from "./unpark.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const statusOf = async (id: string) => (await store.pool.query<{ status: string }>("SELECT status FROM tape.runs WHERE id = $1", [id])).rows[0]!.status;

/** A run that waits for a signal, a timer and an effect, and is parked on them at the moment one of them comes. */
async function parkAgainst(which: number, guarded: boolean): Promise<{ ended: boolean; status: string }> {
  const run = await drivenRun(store);
  const wire = run.effect("wire");
  await commitRuns(store, [run.commit([wire.says("intended")])]);
  await commitRuns(store, [run.commit([wire.says("unknown", { reason: "lost" }, { checkable: true })], { first: 1 })]);
  const timer = await makeTimer(store, run.id, { inMs: -1 });
  const waits = [{ on: "signal", key: "k", name: "go" }, { on: "sleep", timerId: timer.id, until: "2026-01-01T00:00:00Z" }, { on: "effect", effectId: wire.id, tool: "wire" }] as const;
  const comes = [
    () => sendSignal(store, { runId: run.id, name: "go", by: "test" }),
    async () => {
      // What somebody holds is left for the next pass.
      while ((await fireDueTimers(store)).fired === 0);
    },
    () => recordLateOutcome(store, { runId: run.id, effectId: wire.id, key: wire.key, outcome: { status: "confirmed", result: 1 } }),
  ][which % 3]!;
  const end = { to: "WAITING" as const, waits: [...waits], inbox: guarded ? 0 : null, closing: [] };
  const park = () => commitRuns(store, [run.commit([], { first: 2, end })]);
  // One wholly before the other, either way; or both at once: who gets the run's row first is up to the database.
  const order = which % 4;
  const parking = order < 2 ? park() : undefined;
  if (order === 0) await parking;
  const coming = comes();
  if (order === 3) await coming;
  const [outcome] = await (parking ?? park());
  await coming;
  await store.pool.query("UPDATE tape.timers SET status = 'CANCELLED' WHERE id = $1 AND status = 'ARMED'", [timer.id]);
  return { ended: outcome?.ok === true && outcome.ended, status: await statusOf(run.id) };
}

test("D33 a run that is parked while something comes for it does not sleep on it, two hundred times", async () => {
  const seen = { woken: 0, refused: 0 };
  for (let time = 0; time < 200; time++) {
    const { ended, status } = await parkAgainst(time, true);
    expect(status, `time ${time}`).toBe(ended ? "RUNNABLE" : "RUNNING");
    seen[ended ? "woken" : "refused"] += 1;
  }
  // Both orders happened, or this has shown nothing.
  expect(seen.woken).toBeGreaterThan(0);
  expect(seen.refused).toBeGreaterThan(0);
});

test("D33 and without its guard it does", async () => {
  const statuses = new Set<string>();
  for (let time = 0; time < 60; time++) statuses.add((await parkAgainst(time, false)).status);
  expect(statuses).toContain("WAITING");
});

test("a parked run whose code went on is RUNNABLE again, once, and only under the epoch that parked it", async () => {
  const run = await drivenRun(store);
  await commitRuns(store, [run.commit([], { end: { to: "WAITING", waits: [{ on: "signal", key: "k", name: "go" }], inbox: 0, closing: [] } })]);
  expect(await unparkRun(store, { runId: run.id, epoch: 2, owner: "wrk_test" })).toBe(false);
  expect(await unparkRun(store, { runId: run.id, epoch: 1, owner: "wrk_test" })).toBe(true);
  expect(await unparkRun(store, { runId: run.id, epoch: 1, owner: "wrk_test" })).toBe(false);
  const { rows } = await store.pool.query("SELECT status, waits, seq FROM tape.runs WHERE id = $1", [run.id]);
  expect(rows).toEqual([{ status: "RUNNABLE", waits: null, seq: 3 }]);
});
