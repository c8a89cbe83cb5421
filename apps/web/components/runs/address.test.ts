import { describe, expect, it } from "vitest";
import { filterOf, isFiltered, readAddress, writeAddress } from "./address.ts";

describe("the address of the runs screen", () => {
  it("reads what it wrote", () => {
    const address = readAddress({ status: ["STUCK", "WAITING"], agent: "pay-batch", label: "customer:Acme & Söhne", q: "run_01", since: "24h", cursor: "abc" });
    const written = writeAddress(address, { cursor: address.cursor });
    const params = new URL(written, "http://x").searchParams;
    const again = readAddress(Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)])));
    expect(again).toEqual(address);
  });

  it("leaves out what does not fit", () => {
    expect(readAddress({ status: ["NOPE"], label: "no colon", since: "a while", q: "  " })).toEqual(readAddress({}));
    expect(isFiltered(readAddress({ status: "NOPE" }))).toBe(false);
  });

  it("begins at the newest run when the filter changes", () => {
    expect(writeAddress(readAddress({ cursor: "abc", q: "x" }), { agent: "a" })).toBe("/runs?agent=a&q=x");
  });

  it("asks for an instant, cut to the minute", () => {
    expect(filterOf(readAddress({ since: "1h" }), Date.parse("2026-11-24T10:42:13.500Z"))).toEqual({ since: "2026-11-24T09:42:00.000Z" });
  });
});
