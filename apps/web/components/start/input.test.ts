import { TapeError } from "@tape/core";
import { describe, expect, it } from "vitest";
import { agents } from "../../fixtures/world/agents.ts";
import { errorsOf, inputOf, labelsOf, sayBytes, whyTooLarge } from "./input.ts";
import { fieldsOf } from "./schema.ts";

const payBatch = fieldsOf(agents[0]?.inputSchema) ?? [];
const refund = fieldsOf(agents[1]?.inputSchema) ?? [];

describe("fieldsOf", () => {
  it("draws each part of a schema as what it is", () => {
    expect(payBatch.map(({ name, type, required, initial }) => [name, type, required, initial])).toEqual([
      ["payments", "csv", true, ""],
      ["limit", "number", false, "10000"],
      ["bank", "select", false, "sandbox"],
      ["dryRun", "boolean", false, false],
    ]);
    expect(refund.map(({ name, type }) => [name, type])).toEqual([
      ["order", "text"],
      ["amount", "json"],
      ["reasons", "json"],
      ["retries", "integer"],
    ]);
  });

  it("knows a part that may be null, and gives up on what has no parts", () => {
    expect(fieldsOf({ properties: { note: { anyOf: [{ type: "string" }, { type: "null" }] } } })?.[0]?.type).toBe("text");
    expect(fieldsOf(null)).toBeNull();
    expect(fieldsOf({ type: "string" })).toBeNull();
  });
});

describe("inputOf", () => {
  it("reads what was written and keeps what was set beforehand", () => {
    expect(inputOf(payBatch, { payments: "id,amount\n1,2\n", limit: "12,500.5" })).toEqual({
      input: { payments: "id,amount\n1,2\n", limit: 12500.5, bank: "sandbox", dryRun: false },
      errors: {},
    });
  });

  it("says what is wrong by field", () => {
    expect(inputOf(payBatch, { limit: "much", bank: "nope" }).errors).toEqual({ payments: "Choose a file.", limit: "This must be a number, such as 1200.50.", bank: "Choose one of the list." });
    expect(Object.keys(inputOf(refund, { order: "SO-1", amount: "{", retries: "1.5" }).errors)).toEqual(["amount", "retries"]);
  });
});

describe("errorsOf", () => {
  it("puts the server's words beside the field they are about", () => {
    const error = new TapeError("invalid_input", "no", { fields: [{ path: "input.amount.currency", message: "unknown currency" }, { path: "invocationId", message: "too long" }] });
    expect(errorsOf(error, refund)).toEqual({ amount: "currency: unknown currency", "": "invocationId: too long" });
    expect(errorsOf(new TapeError("forbidden", "needs operator"), refund)).toEqual({ "": "needs operator" });
  });
});

it("L3 tells that an input is too large before it is sent", () => {
  expect(whyTooLarge({ a: "x".repeat(1024) })).toBeNull();
  expect(whyTooLarge({ a: "ü".repeat(600 * 1024) })).toContain("1.2 MiB; at most 1.0 MiB");
  expect(sayBytes(2048)).toBe("2.0 KiB");
});

it("reads labels line by line", () => {
  expect(labelsOf("customer: acme\n\n batch:nov:2 ")).toEqual({ labels: { customer: "acme", batch: "nov:2" }, error: null });
  expect(labelsOf("nothing").error).toContain("no colon");
});
