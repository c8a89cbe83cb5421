import { listTimers, setTimer } from "@tape/store";
import { makeRun } from "@tape/store/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { actsOf } from "../src/acts.ts";
import { openSystem, type System } from "../src/system.ts";
import { until } from "../src/until.ts";

let system: System;
beforeEach(async () => {
  system = await openSystem();
});
afterEach(() => system.close());

test("T1 a thousand timers are due at once and the worker is killed in the middle: the next one runs every handler that was not done, none is lost", async () => {
  const COUNT = 1_000;
  const { id: runId } = await makeRun(system.store, { app: "e2e", agent: "counting", status: "WAITING" });
  for (let n = 0; n < COUNT; n++) await setTimer(system.store, { runId, id: `t${n}`, kind: "tick", inMs: 0, by: "test" });
  const ran = async () => (await actsOf(system)).filter(({ what }) => what === "tick");
  const first = await system.worker();
  await until("some handlers ran", async () => (await ran()).length >= 50);
  await first.kill();
  const before = (await ran()).length;
  expect(before).toBeLessThan(COUNT);
  await system.worker();
  await until("all have fired", async () => (await listTimers(system.store, { runId })).every(({ status }) => status === "FIRED"), 90_000);
  const ids = (await ran()).map(({ name }) => name);
  expect(new Set(ids).size).toBe(COUNT);
  // Again only what the dead worker had taken and not reported.
  expect(ids.length - COUNT).toBeLessThanOrEqual(100);
});
