import type { Value } from "@tape/core";
import { valueFactory, worst } from "@tape/core/testing";
import { describe, expect, it } from "vitest";
import { hrefOf, paramsOf, readAddress } from "./address.ts";
import { draftOf, overtakenBy, reconcile, whyNotWrite } from "./draft.ts";
import { preview } from "./preview.ts";

describe("the address of a value", () => {
  it("survives slashes, spaces and what looks like a path", () => {
    for (const namespace of ["runs/run_1", "a b/ü&c=d", "../../etc", worst.longName]) {
      const address = { namespace, key: "k/1?x", prefix: "runs/" };
      expect(readAddress(new URL(hrefOf(address), "http://tape.test").searchParams)).toEqual(address);
    }
    expect(hrefOf({ namespace: null, key: "k", prefix: "" })).toBe("/values");
  });

  it("needs a namespace before a key, and takes the first of several", () => {
    expect(readAddress(new URLSearchParams("key=k")).key).toBeNull();
    expect(readAddress(paramsOf({ namespace: ["a", "b"], key: "k", other: undefined }))).toEqual({ namespace: "a", key: "k", prefix: "" });
  });
});

describe("a draft of a value", () => {
  const at = (version: number, value: unknown): Value => valueFactory.live({ version, value });
  const draft = { ...draftOf(at(3, { limit: 10 })), text: '{ "limit": 20 }' };

  it("begins from what is there, or from nothing", () => {
    expect(draftOf(at(3, { limit: 10 }))).toEqual({ text: '{\n  "limit": 10\n}', base: 3 });
    expect(draftOf(valueFactory.tombstone())).toEqual({ text: "", base: 4 });
    expect(draftOf(null)).toEqual({ text: "", base: 0 });
  });

  it("V1 is overtaken by another's version, the newest that was seen, and cannot be written before one has looked", () => {
    expect(overtakenBy(draft, [at(3, 1), null])).toBeNull();
    const theirs = overtakenBy(draft, [at(4, { limit: 12 }), at(5, { limit: 15 }), at(3, 1)]);
    expect(theirs?.version).toBe(5);
    expect(whyNotWrite(draft, theirs)).toMatch(/version 5 first/);
  });

  it("V1 goes on over the other's version with the own words, or with the other's", () => {
    const theirs = at(5, { limit: 15 });
    const mine = reconcile(draft, theirs, "mine");
    expect(mine).toEqual({ text: draft.text, base: 5 });
    expect(overtakenBy(mine, [theirs])).toBeNull();
    expect(whyNotWrite(mine, null)).toBeNull();
    expect(reconcile(draft, theirs, "theirs")).toEqual({ text: '{\n  "limit": 15\n}', base: 5 });
  });

  it("is JSON", () => {
    expect(whyNotWrite({ text: " ", base: 0 }, null)).toMatch(/null is one too/);
    expect(whyNotWrite({ text: "{ limit: 1 }", base: 0 }, null)).toMatch(/not JSON/);
    expect(whyNotWrite({ text: "null", base: 0 }, null)).toBeNull();
  });
});

it("a row shows the beginning of a value, harmless and short", () => {
  expect(preview({ a: 1 })).toBe('{"a":1}');
  expect(preview(undefined)).toBe("null");
  expect(preview(worst.hugeText)).toHaveLength(120);
  expect(preview("a\u202Eb")).toBe('"a\\u202Eb"');
});
