import { afterAll, beforeAll, expect, test } from "vitest";
import { setValue } from "../value/set.ts";
import { openTestStore, type TestStore } from "./open.ts";
import { readStoredRows } from "./rows.ts";
import { makeRun } from "./run.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

test("two looks differ in the tables that something was stored in, added or changed, and in no other", async () => {
  const differing = async (change: () => Promise<unknown>) => {
    const before = await readStoredRows(store);
    await change();
    const after = await readStoredRows(store);
    return Object.keys(after).filter((name) => after[name] !== before[name]);
  };
  expect(await differing(async () => {})).toEqual([]);
  expect(await differing(() => makeRun(store))).toEqual(["bodies", "entries", "runs"]);
  expect(await differing(() => store.pool.query("UPDATE tape.runs SET labels = '{\"a\":\"b\"}'"))).toEqual(["runs"]);
  expect(await differing(() => setValue(store, { namespace: "a", key: "b", value: 1, writer: "test" }))).toEqual(["value_history", "values"]);
});
