import { openTestStore, type TestStore } from "@tape/store/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COLUMNS_LEFT_OUT, COMPARED, TABLES_LEFT_OUT } from "../src/conformance/projection/columns.ts";
import { differences } from "../src/conformance/projection/differences.ts";
import { wholeOf } from "../src/conformance/projection/rows.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

test("every table is held to the model, or left out for a reason", async () => {
  const { rows } = await store.pool.query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'tape'");
  expect(Object.keys({ ...COMPARED, ...TABLES_LEFT_OUT }).toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
});

test("what is left out of a table is a column of it", async () => {
  const { rows } = await store.pool.query<{ name: string }>("SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'tape'");
  const left = Object.entries(COLUMNS_LEFT_OUT).flatMap(([table, columns]) => Object.keys(columns).map((column) => `${table}.${column}`));
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(left));
});

test("a row that is missing, one too many and a column that differs are each told", () => {
  const real = wholeOf({ runs: [{ id: "run_1", seq: 1, waits: [{ on: "gate" }] }, { id: "run_2", seq: 1 }] });
  const ideal = wholeOf({ runs: [{ id: "run_1", seq: 2, waits: [{ on: "gate" }] }, { id: "run_3", seq: 1 }] });
  expect(differences(real, ideal)).toEqual([
    "runs run_1: seq is 1 in the store, 2 in the model",
    'runs run_2: only the store has it: {"id":"run_2","seq":1}',
    'runs run_3: only the model has it: {"id":"run_3","seq":1}',
  ]);
  expect(differences(real, real)).toEqual([]);
});
