import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { coalesce } from "./use-coalesced.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("draws the first piece at once and a burst after it in one batch, in order", () => {
  const batches: number[][] = [];
  const queue = coalesce<number>((batch) => void batches.push([...batch]), 50);
  for (const n of [1, 2, 3, 4]) queue.tell(n);
  expect(batches).toEqual([[1]]);
  vi.advanceTimersByTime(50);
  expect(batches).toEqual([[1], [2, 3, 4]]);
  vi.advanceTimersByTime(100);
  queue.tell(5);
  expect(batches.at(-1)).toEqual([5]);
});

it("keeps nothing running once it is cancelled", () => {
  const batches: number[][] = [];
  const queue = coalesce<number>((batch) => void batches.push([...batch]), 50);
  queue.tell(1);
  queue.tell(2);
  queue.cancel();
  vi.runAllTimers();
  expect(batches).toEqual([[1]]);
  expect(vi.getTimerCount()).toBe(0);
});
