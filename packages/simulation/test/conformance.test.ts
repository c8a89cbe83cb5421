import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { hold, openRealSide, PREFIXES, Tally, tryEverything, type PrefixName, type RealSide } from "../src/conformance/index.ts";

vi.mock("@tape/core", async (original) => ({ ...(await original<object>()), newId: (await import("../src/conformance/ids.ts")).mintId }));

/** More of them find more, in proportion to the time they take. */
const HISTORIES = 40;
const STEPS = 120;

let real: RealSide;
beforeAll(async () => {
  real = await openRealSide();
});
afterAll(() => real.close());

describe("the store answers and holds what the model says", () => {
  const tally = new Tally();

  test("where every event is tried on everything, in every state", { timeout: 300_000 }, async () => {
    for (const prefix of Object.keys(PREFIXES) as PrefixName[]) await tryEverything(real, prefix, tally);
  });

  test("whatever is asked of it in turn", { timeout: 600_000 }, () => hold(real, { histories: HISTORIES, steps: STEPS, seed: 1, tally }));

  test("and so every event of every machine was tried in every state, and happened where it may", () => {
    expect(tally.missing()).toEqual([]);
  });

  test("whatever two ask of it at once: what one after the other would bring", { timeout: 600_000 }, () => hold(real, { histories: HISTORIES / 2, steps: STEPS, seed: 1, atOnce: true }));
});
