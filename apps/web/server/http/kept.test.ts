import { expect, test } from "vitest";
import { keptFor } from "./kept.ts";

test("many who ask at once cost one read, and what failed is asked again", async () => {
  let now = 0;
  let reads = 0;
  let isAway = false;
  const counted = keptFor(1000, async () => (isAway ? Promise.reject(new Error("away")) : ++reads), () => now);
  expect(await Promise.all([counted(), counted(), counted()])).toEqual([1, 1, 1]);
  now = 999;
  expect(await counted()).toBe(1);
  now = 1000;
  expect(await counted()).toBe(2);

  isAway = true;
  now = 5000;
  await expect(counted()).rejects.toThrow("away");
  isAway = false;
  expect(await counted()).toBe(3);
});
