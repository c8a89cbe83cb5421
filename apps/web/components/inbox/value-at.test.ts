import { describe, expect, it } from "vitest";
import { valueAt } from "./value-at.ts";

describe("valueAt", () => {
  const payload = { total: { amount: "1.00" }, rows: [{ name: "a" }], "": "empty" };

  it("follows names and places", () => {
    expect(valueAt(payload, "rows.0.name")).toBe("a");
    expect(valueAt(payload, "total")).toEqual({ amount: "1.00" });
    expect(valueAt(payload, "")).toBe(payload);
  });

  it("leads nowhere rather than into what objects inherit", () => {
    expect(valueAt(payload, "constructor.name")).toBeUndefined();
    expect(valueAt(payload, "__proto__")).toBeUndefined();
    expect(valueAt(payload, "rows.length.x")).toBeUndefined();
    expect(valueAt(null, "a")).toBeUndefined();
  });
});
