import type { RetentionOptions } from "@tape/sdk";
import { compensationPlan, readJournal } from "@tape/store";
import { makeEffect, makeObligation, makeRun, openTestStore, type TestStore } from "@tape/store/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silent } from "../log.ts";
import { janitor } from "./janitor.ts";
import { retention } from "./retention.ts";

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

const never = new AbortController().signal;
const DAY = 86_400_000;

async function old(status: "COMPLETED" | "FAILED" | "CANCELLED", days: number): Promise<string> {
  const { id } = await makeRun(store, { status });
  await store.pool.query("UPDATE tape.runs SET ended_at = ended_at - $2 * interval '1 day' WHERE id = $1", [id, days]);
  await store.pool.query("UPDATE tape.entries SET at = at - $2 * interval '1 day' WHERE run_id = $1", [id, days]);
  return id;
}

/** Once through everything. How many passes it took. */
async function through(options: RetentionOptions, pass = retention({ store, retention: options, log: silent })): Promise<number> {
  for (let passes = 1; ; passes++) if ((await pass(never)) === 600_000) return passes;
}

const runs = async () => (await store.pool.query<{ id: string }>("SELECT id FROM tape.runs ORDER BY id")).rows.map(({ id }) => id);

test("retention does nothing unless it is told to", async () => {
  await old("COMPLETED", 1_000);
  expect(await retention({ store, retention: {}, log: silent })(never)).toBe(Infinity);
  expect(await runs()).toHaveLength(1);
});

test("retention drops payloads first and deletes by age and outcome; what is not named stays", async () => {
  const [young, thinned, done, failed, cancelled] = [await old("COMPLETED", 1), await old("COMPLETED", 8), await old("COMPLETED", 31), await old("FAILED", 31), await old("CANCELLED", 31)];
  const open = await old("COMPLETED", 100);
  await makeEffect(store, open);
  await through({ bodiesAfterMs: 7 * DAY, runsAfterMs: { COMPLETED: 30 * DAY, CANCELLED: 60 * DAY } });
  expect(await runs()).toEqual([young, thinned, failed, cancelled, open].toSorted());
  const isDropped = async (runId: string) => (await readJournal(store, { runId })).items.every(({ dropped }) => dropped);
  expect([await isDropped(young), await isDropped(thinned), await isDropped(failed), await isDropped(open)]).toEqual([false, true, true, false]);
  expect(done).toBeDefined();
  const pass = retention({ store, retention: { runsAfterMs: 30 * DAY }, log: silent });
  await through({}, pass);
  expect(await runs()).toEqual([young, thinned, open].toSorted());
  // The next time through begins at the beginning.
  await store.pool.query("UPDATE tape.runs SET open_effects = 0 WHERE id = $1", [open]);
  await store.pool.query("DELETE FROM tape.effects WHERE run_id = $1", [open]);
  await store.pool.query("UPDATE tape.entries SET at = at - interval '100 days' WHERE run_id = $1", [open]);
  await through({}, pass);
  expect(await runs()).toEqual([young, thinned].toSorted());
});

test("retention says until when a run can be compensated", async () => {
  const { id } = await makeRun(store, { status: "COMPLETED" });
  await makeObligation(store, id);
  await retention({ store, retention: { runsAfterMs: DAY, compensableForMs: 2 * DAY }, log: silent })(never);
  const { compensableUntil, serverTime } = await compensationPlan(store, { id });
  expect(Date.parse(compensableUntil!) - Date.parse(serverTime)).toBeGreaterThan(1.9 * DAY);
  await retention({ store, retention: {}, log: silent })(never);
  expect((await compensationPlan(store, { id })).compensableUntil).toBeUndefined();
});

test("the janitor forgets the keys of requests after a week", async () => {
  const insert = "INSERT INTO tape.idempotency_keys (scope, key, fingerprint, answer, created_at) SELECT 's', 'k' || n, 'f', 'a', tape.now() - interval '8 days' FROM generate_series(1, $1::int) n";
  await store.pool.query(insert, [1_001]);
  const pass = janitor({ store, log: silent });
  expect(await pass(never)).toBe(0);
  expect(await pass(never)).toBe(60_000);
  expect((await store.pool.query("SELECT FROM tape.idempotency_keys")).rowCount).toBe(0);
});
