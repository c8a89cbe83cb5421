import { openTestStore, type TestStore } from "@tape/store/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createHintListener, type Woken } from "./hints.ts";
import { silent } from "./log.ts";
import { torture } from "./testing/torture.ts";
import { until } from "./testing/until.ts";

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

function listener() {
  const heard: string[] = [];
  const woken: Woken = {
    run: (runId, seq) => heard.push(`${runId} grew to ${seq}`),
    runnable: () => heard.push("runnable"),
    timer: () => heard.push("timer"),
    reactors: () => heard.push("reactors"),
    everything: () => heard.push("everything"),
  };
  return { heard, service: createHintListener({ connectionString: store.connectionString, woken, log: silent }) };
}

test("stands the torture", async () => {
  await torture(listener().service, { rounds: 2 });
});

test("each hint wakes whom it concerns; a connection that is new wakes everybody", async () => {
  const { heard, service } = listener();
  await service.start();
  await until(() => heard.includes("everything"));
  store.hints.publish([
    { on: "run", id: "run_a", seq: 4 },
    { on: "run", id: "run_b", seq: 2, wake: true },
    { on: "timer", at: 1 },
    { on: "reactors" },
    { on: "value", namespace: "n", key: "k", version: 1 },
  ]);
  await until(() => heard.includes("reactors"));
  await service.stop();
  expect(heard).toEqual(["everything", "run_a grew to 4", "run_b grew to 2", "runnable", "timer", "reactors"]);
});
