import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { idFromBytes, idOf, newId } from "./ids.ts";

describe("newId", () => {
  test("says what it names in 26 Crockford characters", () => {
    expect(newId("run")).toMatch(/^run_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(idOf("gate").safeParse(newId("gate")).success).toBe(true);
    expect(idOf("gate").safeParse(newId("run")).success).toBe(false);
  });

  test("100,000 ids are unique and sort in the order they were made, within one millisecond too", () => {
    const nowMs = Date.now();
    const ids = Array.from({ length: 100_000 }, (_, n) => newId("eff", nowMs + Math.floor(n / 40_000)));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(ids);
  });

  test("a clock that goes back does not break the order", () => {
    const later = newId("rec", Date.now() + 60_000);
    const earlier = newId("rec", Date.now());
    expect(earlier > later).toBe(true);
  });

  test("the first ten characters are the time", () => {
    const far = Date.UTC(2100, 0, 1);
    const next = newId("aud", far + 1);
    const first = newId("aud", far + 2);
    expect(next.slice(4, 14) < first.slice(4, 14)).toBe(true);
  });
});

describe("idFromBytes", () => {
  const bytes = (text: string) => createHash("sha256").update(text).digest();

  test("the same bytes give the same id, others another one", () => {
    expect(idFromBytes("run", bytes("a"))).toBe(idFromBytes("run", bytes("a")));
    expect(idFromBytes("run", bytes("a"))).not.toBe(idFromBytes("run", bytes("b")));
    expect(idOf("run").safeParse(idFromBytes("run", bytes("a"))).success).toBe(true);
  });

  test("uses 130 bits: five per character, from the first one", () => {
    expect(idFromBytes("run", new Uint8Array(17))).toBe(`run_${"0".repeat(26)}`);
    expect(idFromBytes("run", new Uint8Array(17).fill(255))).toBe(`run_${"Z".repeat(26)}`);
    expect(idFromBytes("run", Uint8Array.from([0b00001_000, 0b10_00011_0, ...Array<number>(15).fill(0)]))).toBe(`run_123${"0".repeat(23)}`);
  });
});
