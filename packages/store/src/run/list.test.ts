import type { RunFilter } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRun, openTestStore, type TestStore } from "../testing/index.ts";
import { getRun } from "./get.ts";
import { listRuns } from "./list.ts";
import { runIdOfInvocation } from "./start-many.ts";
import { getRunSummaries } from "./summaries.ts";

let store: TestStore;
const ids: string[] = [];
beforeAll(async () => {
  store = await openTestStore();
  for (let n = 0; n < 30; n++) {
    const status = n % 3 === 0 ? "COMPLETED" : n % 3 === 1 ? "STUCK" : "RUNNABLE";
    const run = await makeRun(store, { status, agent: n < 20 ? "pay" : "sweep", invocationId: `order_${n}%`, labels: { team: n % 2 ? "ops" : "dev", row: `r${n}` } });
    ids.unshift(run.id);
  }
  // Ten of them in one millisecond, five of those in one microsecond: only (created_at, id) tells them apart.
  await store.pool.query(`UPDATE tape.runs SET created_at = '2026-01-01T00:00:00.000Z'::timestamptz + (CASE WHEN invocation_id < 'order_12' THEN 0 ELSE 5 END) * interval '1 microsecond'
    WHERE invocation_id LIKE 'order\\_1_\\%'`);
});
afterAll(() => store.close());

async function pages(filter: RunFilter, limit: number): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let turn = 0; turn < 50; turn++) {
    const page = await listRuns(store, { filter, limit, ...(cursor && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    seen.push(...page.items.map(({ id }) => id));
    if (page.nextCursor === null) return seen;
    cursor = page.nextCursor;
  }
  throw new Error("the pages have no end");
}

test("pages of any size bring every run once, newest first, also where many were made in one instant", async () => {
  const { rows } = await store.pool.query<{ id: string }>("SELECT id FROM tape.runs ORDER BY created_at DESC, id DESC");
  const wanted = rows.map(({ id }) => id);
  for (const limit of [1, 3, 7, 29, 30, 31]) expect(await pages({}, limit)).toEqual(wanted);
  expect(await pages({ status: ["COMPLETED", "STUCK"] }, 4)).toHaveLength(20);
});

test("a filter is every one of its conditions, in a list and in a live patch", async () => {
  const filters: [RunFilter, number][] = [
    [{ status: ["STUCK"] }, 10],
    [{ status: [] }, 30],
    [{ agent: "sweep", status: ["RUNNABLE", "COMPLETED"] }, 7],
    [{ label: "team:ops" }, 15],
    [{ label: "team:ops", agent: "sweep" }, 5],
    [{ q: "order_2" }, 11],
    [{ q: "order_2", status: ["STUCK"] }, 3],
    [{ q: "%" }, 0],
    [{ q: "order_29%" }, 1],
    [{ q: "r7" }, 1],
    [{ q: "ops" }, 15],
    [{ q: runIdOfInvocation("test", "order_7%") }, 1],
    [{ q: runIdOfInvocation("test", "order_7%").toLowerCase().slice(0, 20) }, 1],
    [{ q: "nothing like it" }, 0],
    [{ since: "2026-06-01T00:00:00.000Z" }, 20],
  ];
  for (const [filter, count] of filters) {
    const listed = await pages(filter, 6);
    expect(listed, JSON.stringify(filter)).toHaveLength(count);
    expect((await getRunSummaries(store, { ids: [...ids, "rubbish"], filter })).map(({ id }) => id)).toEqual(listed);
  }
});

test("a cursor or a filter that is rubbish is invalid_input", async () => {
  for (const cursor of ["rubbish", "", Buffer.from('["2026",1]').toString("base64url"), Buffer.from("[]").toString("base64url")]) {
    await expect(listRuns(store, { cursor })).rejects.toMatchObject({ code: "invalid_input" });
  }
  for (const filter of [{ q: "\0" }, { agent: "\ud800" }, { label: "team:\0" }, { label: "team" }, { since: "yesterday" }]) {
    await expect(listRuns(store, { filter })).rejects.toMatchObject({ code: "invalid_input" });
  }
});

test("a run shows its progress, when what was written there is one", async () => {
  const id = ids[0]!;
  const write = (key: string, value: string) =>
    store.pool.query(`INSERT INTO tape."values" (namespace, key, version, value, writer, at) VALUES ($1, $2, 1, $3, 'test', tape.now())
      ON CONFLICT (namespace, key) DO UPDATE SET value = excluded.value, version = tape."values".version + 1`, [`runs/${id}`, key, value]);
  expect((await getRun(store, { id })).progress).toBeNull();
  await write("progress", '{"done":3,"total":10,"label":"rows"}');
  expect((await getRun(store, { id })).progress).toEqual({ done: 3, total: 10, label: "rows" });
  expect((await listRuns(store, { limit: 1 })).items[0]!.progress).toEqual({ done: 3, total: 10, label: "rows" });
  await write("progress", '"half"');
  expect((await getRun(store, { id })).progress).toBeNull();
});
