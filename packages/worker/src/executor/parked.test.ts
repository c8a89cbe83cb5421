import { expect, test } from "vitest";
import { claimOf, FakeDrive } from "../testing/fake-drive.ts";
import { ParkedDrives } from "./parked.ts";

let now = 0;
const parkedOf = (options: { limit?: number; maxAgeMs?: number }) => new ParkedDrives(options, () => now);
const drive = (runId: string) => new FakeDrive(claimOf(runId));

test("D9 the coroutine goes on only under the epoch after the one it parked in, else it is dropped", () => {
  const parked = parkedOf({});
  const [next, skipped] = [drive("run_a"), drive("run_b")];
  parked.keep(next, 4);
  parked.keep(skipped, 4);
  expect(parked.take(claimOf("run_a", { epoch: 5 }))).toBe(next);
  expect(parked.take(claimOf("run_b", { epoch: 6 }))).toBeUndefined();
  expect(parked.take(claimOf("run_c", { epoch: 1 }))).toBeUndefined();
  expect([next.told, skipped.told, parked.size]).toEqual([[], ["dispose"], 0]);
});

test("memory is bounded: the one that parked longest ago leaves first", () => {
  const parked = parkedOf({ limit: 2 });
  const drives = ["run_a", "run_b", "run_c"].map(drive);
  for (const each of drives) parked.keep(each, 1);
  expect(drives.map(({ told }) => told)).toEqual([["dispose"], [], []]);
  expect(parked.size).toBe(2);
});

test("what is old is dropped, and it says when the next will be", () => {
  now = 0;
  const parked = parkedOf({ maxAgeMs: 100 });
  parked.keep(drive("run_a"), 1);
  now = 60;
  parked.keep(drive("run_b"), 1);
  now = 100;
  expect([parked.expire(), parked.size]).toEqual([60, 1]);
  now = 160;
  expect([parked.expire(), parked.size]).toEqual([Infinity, 0]);
});

test("clear disposes all; parking again replaces", () => {
  const parked = parkedOf({});
  const [first, second] = [drive("run_a"), drive("run_a")];
  parked.keep(first, 1);
  parked.keep(second, 3);
  parked.clear();
  expect([first.told, second.told, parked.size]).toEqual([["dispose"], ["dispose"], 0]);
});
