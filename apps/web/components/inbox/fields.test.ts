import { expect, it } from "vitest";
import { gateOf } from "../../fixtures/world/make.ts";
import { fieldsOf } from "./fields.ts";

it("takes the fields a gate names, by their paths", () => {
  const gate = gateOf({ runId: "r", payload: { a: { b: 1 } }, display: { title: "t", fields: [{ label: "B", path: "a.b", as: "text" }] } });
  expect(fieldsOf(gate)).toEqual([{ label: "B", as: "text", value: 1 }]);
});

it("without them, draws each part as what it looks like", () => {
  const payload = { dueDate: "2026-11-30", total: { amount: "1", currency: "EUR" }, rows: [{ a: 1 }], more: { x: 1 }, name: "n" };
  expect(fieldsOf(gateOf({ runId: "r", payload })).map(({ label, as }) => `${label}: ${as}`)).toEqual(["Due date: date", "Total: money", "Rows: table", "More: json", "Name: text"]);
  expect(fieldsOf(gateOf({ runId: "r", payload: null }))).toEqual([]);
  expect(fieldsOf(gateOf({ runId: "r", payload: [1, 2] }))).toEqual([{ label: "Payload", as: "json", value: [1, 2] }]);
});
