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

it("draws a flood less and less often, and what comes alone at once again", () => {
  const at: number[] = [];
  const queue = coalesce<number>(() => void at.push(Date.now()), 50, 400);
  const begin = Date.now();
  for (let n = 0; n < 2000; n += 5) {
    queue.tell(n);
    vi.advanceTimersByTime(5);
  }
  const gaps = at.slice(1).map((time, n) => time - (at[n] ?? begin));
  expect(gaps[0]).toBe(50);
  expect(gaps.at(-1)).toBe(400);
  vi.advanceTimersByTime(1000);
  queue.tell(1);
  expect(at.at(-1)).toBe(Date.now());
});
