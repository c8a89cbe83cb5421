import { expect, test } from "vitest";
import { createLimiter } from "./limiter.ts";

test("failures of one key are counted in a window, and others are not touched", () => {
  let now = 0;
  const limiter = createLimiter({ most: 2, windowMs: 1000, now: () => now });
  const fails = (key: string) => {
    try {
      limiter.failed(key);
      return "told";
    } catch (error) {
      return error;
    }
  };
  expect([fails("a"), fails("a")]).toEqual(["told", "told"]);
  expect(fails("a")).toMatchObject({ code: "rate_limited", details: { retryAfterS: 1 } });
  expect(fails("b")).toBe("told");
  now = 1000;
  expect(fails("a")).toBe("told");
});
