import { expect, test } from "vitest";
import { onceAtATime } from "./once-at-a-time.ts";

test("work asked for while it runs is done once more, after it", async () => {
  const log: string[] = [];
  const releases: (() => void)[] = [];
  const work = onceAtATime(async () => {
    log.push("begin");
    await new Promise<void>((resolve) => releases.push(resolve));
    log.push("end");
  });
  const first = work();
  const others = [work(), work(), work()];
  expect(log).toEqual(["begin"]);
  releases.shift()?.();
  await first;
  await new Promise(setImmediate);
  expect(log).toEqual(["begin", "end", "begin"]);
  releases.shift()?.();
  await Promise.all(others);
  expect(log).toEqual(["begin", "end", "begin", "end"]);
});

test("work that fails fails for those who asked, and can be done again", async () => {
  let failures = 1;
  const work = onceAtATime(async () => {
    if (failures-- > 0) throw new Error("away");
  });
  const [first, second] = [work(), work()];
  await expect(first).rejects.toThrow("away");
  await expect(second).resolves.toBeUndefined();
});
