import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { histories, openRealSide, runHistory, Tally, type RealSide } from "../src/conformance/index.ts";

vi.mock("@tape/core", async (original) => ({ ...(await original<object>()), newId: (await import("../src/conformance/ids.ts")).mintId }));

/** More of them find more, in proportion to the time they take. */
const HISTORIES = 60;
const STEPS = 50;

let real: RealSide;
beforeAll(async () => {
  real = await openRealSide();
});
afterAll(() => real.close());

test("whatever is asked of the store in turn, it answers and holds what the model says", { timeout: 600_000 }, async () => {
  const tally = new Tally();
  await fc.assert(
    fc.asyncProperty(histories({ steps: STEPS }), (history) => runHistory(real, history, tally)),
    { seed: 1, numRuns: HISTORIES },
  );
  expect(tally.missing()).toEqual([]);
});
