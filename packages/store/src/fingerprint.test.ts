import fc from "fast-check";
import { expect, test } from "vitest";
import { parseBody, serializeBody } from "./body.ts";
import { fingerprint } from "./fingerprint.ts";

test("the fingerprint is of the value, not of how it was written: keys in any order, and over a round trip through storage", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(fingerprint(parseBody(serializeBody(value, "value")))).toBe(fingerprint(value));
    }),
  );
  expect(fingerprint({ b: [1, 2], a: { d: 1, c: 2 } })).toBe(fingerprint({ a: { c: 2, d: 1 }, b: [1, 2] }));
  expect(fingerprint([1, 2])).not.toBe(fingerprint([2, 1]));
  expect(fingerprint({ a: undefined })).toBe(fingerprint({}));
  expect(fingerprint(undefined)).toBe(fingerprint(null));
});

test("it is SHA-256 of RFC 8785", () => {
  // The numbers and the key order of the standard's own example.
  expect(fingerprint({ peach: "This sorting order", péché: "is wrong according to French", pêche: "but canonicalization MUST", sin: "ignore locale" })).toBe(
    fingerprint(JSON.parse('{"sin":"ignore locale","p\\u00eache":"but canonicalization MUST","p\\u00e9ch\\u00e9":"is wrong according to French","peach":"This sorting order"}')),
  );
  expect(fingerprint({})).toBe("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
});

test("what is not JSON, or too large, is told", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  for (const value of [Number.NaN, { n: Number.POSITIVE_INFINITY }, { n: 1n }, cycle]) {
    expect(() => fingerprint(value)).toThrow(expect.objectContaining({ code: "invalid_input" }));
  }
  expect(() => serializeBody(cycle, "input")).toThrow(expect.objectContaining({ code: "invalid_input" }));
  expect(() => serializeBody("ü".repeat(600_000), "input")).toThrow(expect.objectContaining({ code: "payload_too_large", details: { bytes: 1_200_002, limit: 1_048_576 } }));
  expect(serializeBody("x".repeat(1_048_574), "input")).toHaveLength(1_048_576);
});
