import { describe, expect, test } from "vitest";
import { journalOf } from "../testing/index.ts";
import { ENTRY_KINDS, entryPayloads, entrySchema } from "./index.ts";

const [first] = journalOf.payBatch();

describe("entrySchema", () => {
  test("takes an entry of every kind and verb, and gives it back as it was", () => {
    for (const entry of journalOf.everyVerb()) expect(entrySchema.parse(entry), `${entry.kind}.${entry.verb}`).toEqual(entry);
  });

  test.each([
    ["a kind that there is not", { kind: "payment" }],
    ["a verb of another kind", { verb: "confirmed" }],
    ["a seq that is no integer", { seq: 1.5 }],
    ["an instant that is none", { at: "yesterday" }],
    ["a payload without its fields", { payload: {} }],
    ["no run", { runId: undefined }],
  ])("refuses %s", (_what, change) => {
    expect(entrySchema.safeParse(first).success).toBe(true);
    expect(entrySchema.safeParse({ ...first, ...change }).success).toBe(false);
  });

  test("a payload of one verb is not taken for another's", () => {
    const [, claimed] = journalOf.payBatch();
    expect(entrySchema.safeParse({ ...claimed, verb: "parked" }).success).toBe(false);
  });

  test("kinds are the nine of the design", () => {
    expect(ENTRY_KINDS).toEqual(["run", "decision", "effect", "obligation", "gate", "signal", "timer", "value", "budget"]);
    for (const kind of ENTRY_KINDS) expect(Object.keys(entryPayloads[kind]).length, kind).toBeGreaterThan(0);
  });
});
