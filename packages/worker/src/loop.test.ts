import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silent } from "./log.ts";
import { createLoop, type Pass } from "./loop.ts";
import { torture } from "./testing/torture.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const loopOf = (pass: Pass) => createLoop({ name: "probe", pass, log: silent, random: () => 1 });
const settle = () => vi.advanceTimersByTimeAsync(0);

test("stands the torture", async () => {
  vi.useRealTimers();
  await torture(loopOf(async () => 1_000));
});

test("waits as long as the pass says, and not at all while there is more", async () => {
  const answers = [0, 0, 500];
  const pass = vi.fn(async () => answers.shift() ?? Infinity);
  const loop = loopOf(pass);
  await loop.start();
  while (pass.mock.calls.length < 3) await setImmediate();
  await vi.advanceTimersByTimeAsync(499);
  expect(pass).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(1);
  expect(pass).toHaveBeenCalledTimes(4);
  await loop.stop();
});

test("no wait is endless: a minute later it looks again", async () => {
  const pass = vi.fn(async () => Infinity);
  const loop = loopOf(pass);
  await loop.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(pass).toHaveBeenCalledTimes(2);
  await loop.stop();
});

test("a wake ends the wait; one that comes during a pass makes the next wait 0", async () => {
  let finish: (waitMs: number) => void = () => {};
  const pass = vi.fn(() => new Promise<number>((resolve) => (finish = resolve)));
  const loop = loopOf(pass);
  await loop.start();
  loop.wake();
  finish(10_000);
  await settle();
  expect(pass).toHaveBeenCalledTimes(2);

  finish(10_000);
  await settle();
  expect(pass).toHaveBeenCalledTimes(2);
  loop.wake();
  await settle();
  expect(pass).toHaveBeenCalledTimes(3);
  finish(10_000);
  await loop.stop();
});

test("errors are counted and backed off from up to the cap; a wake does not hurry a back-off", async () => {
  let isDown = true;
  const pass = vi.fn(async () => {
    if (isDown) throw new Error("database away");
    return Infinity;
  });
  const loop = loopOf(pass);
  await loop.start();
  await settle();
  expect(loop.stats()).toEqual({ passes: 0, errors: 1, lastError: "database away" });
  loop.wake();
  await vi.advanceTimersByTimeAsync(99);
  expect(pass).toHaveBeenCalledTimes(1);
  for (const waitMs of [1, 200, 400, 800, 1_600, 2_000, 2_000]) await vi.advanceTimersByTimeAsync(waitMs);
  expect(pass).toHaveBeenCalledTimes(8);

  isDown = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(loop.stats()).toEqual({ passes: 1, errors: 8, lastError: null });
  await loop.stop();
});

test("stop in the middle of a pass aborts its signal and waits for it; its error is nobody's", async () => {
  let sawAbort = false;
  const loop = loopOf(
    (signal) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          sawAbort = true;
          reject(signal.reason as Error);
        }),
      ),
  );
  await loop.start();
  await loop.stop();
  expect(sawAbort).toBe(true);
  expect(loop.stats().errors).toBe(0);
});

test("a stop ends when what its passes left running was waited for, and not before the last pass", async () => {
  vi.useRealTimers();
  const log: string[] = [];
  let finish = (): void => {};
  const pass: Pass = async (signal) => {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    log.push("pass");
    return 0;
  };
  const drain = async () => {
    log.push("drain");
    await new Promise<void>((resolve) => (finish = resolve));
    log.push("drained");
  };
  const loop = createLoop({ name: "probe", pass, drain, log: silent });
  await loop.start();
  await setImmediate();
  const stopping = loop.stop().then(() => log.push("stopped"));
  while (!log.includes("drain")) await setImmediate();
  expect(log).toEqual(["pass", "drain"]);
  finish();
  await stopping;
  expect(log).toEqual(["pass", "drain", "drained", "stopped"]);
});
