import { describe, expect, test } from "vitest";
import { formatClock, formatDuration, formatInstant, formatUntil, relativeTime } from "./time.ts";

const NOW = "2026-11-24T10:42:13.500Z";
const s = 1000;
const m = 60 * s;
const h = 60 * m;
const d = 24 * h;

test.each([
  [0, "0 ms"],
  [312, "312 ms"],
  [999.9, "999 ms"],
  [1000, "1.0 s"],
  [4250, "4.2 s"],
  [9999, "9.9 s"],
  [10 * s, "10 s"],
  [59_999, "59 s"],
  [m, "1 m"],
  [3 * m + 20 * s, "3 m 20 s"],
  [h - 1, "59 m 59 s"],
  [3 * h + 12 * m + 59 * s, "3 h 12 m"],
  [d - 1, "23 h 59 m"],
  [2 * d + 4 * h, "2 d 4 h"],
  [400 * d, "400 d"],
  [-5, "0 ms"],
])("%d ms are %s", (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});

test.each([
  [0, "just now"],
  [-40 * s, "40 s ago"],
  [-3 * m - 59 * s, "3 m ago"],
  [-5 * h, "5 h ago"],
  [-2 * d, "2 d ago"],
  [-31 * d, "24 Oct 2026"],
  [90 * s, "in 1 m"],
  [3 * h, "in 3 h"],
])("%d ms from now is %s", (ms, words) => {
  expect(relativeTime(Date.parse(NOW) + ms, NOW)).toBe(words);
});

describe("instants", () => {
  test("are said in UTC, to the second", () => {
    expect(formatInstant(NOW)).toBe("24 Nov 2026, 10:42:13 UTC");
    expect(formatClock(new Date(NOW))).toBe("10:42:13 UTC");
  });

  test("that are still to come leave out the day or year that is now", () => {
    expect(formatUntil("2026-11-24T17:00:00Z", NOW)).toBe("17:00 UTC");
    expect(formatUntil("2026-11-25T09:30:00Z", NOW)).toBe("25 Nov, 09:30 UTC");
    expect(formatUntil("2027-01-02T09:30:00Z", NOW)).toBe("2 Jan 2027, 09:30 UTC");
  });

  test("that are none are shown as they came", () => {
    expect(formatInstant("soon")).toContain("soon");
  });
});
