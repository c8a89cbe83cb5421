import { expect, test } from "vitest";
import { createService, ServiceStopped, startAll, stopAll } from "./service.ts";
import { torture } from "./testing/torture.ts";

test("stands the torture, and what it opened it closed", async () => {
  let open = 0;
  let most = 0;
  const service = createService("probe", async (signal) => {
    await Promise.resolve();
    signal.throwIfAborted();
    most = Math.max(most, ++open);
    return async () => {
      await Promise.resolve();
      open -= 1;
    };
  });
  await torture(service);
  expect({ open, most }).toEqual({ open: 0, most: 1 });
});

test("a stop reaches a start that is still waiting", async () => {
  const service = createService("slow", (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))));
  const starting = service.start();
  await new Promise(setImmediate);
  await service.stop();
  await expect(starting).rejects.toThrow(ServiceStopped);
});

test("a start that is stopped at once opens nothing", async () => {
  let opened = 0;
  const service = createService("probe", async () => {
    opened += 1;
    return async () => {};
  });
  const starting = service.start();
  await service.stop();
  await expect(starting).rejects.toThrow(ServiceStopped);
  expect(opened).toBe(0);
});

test("the signal is aborted before close is called", async () => {
  const seen: boolean[] = [];
  const service = createService("probe", async (signal) => async () => void seen.push(signal.aborted));
  await service.start();
  await service.stop();
  expect(seen).toEqual([true]);
});

function recording(log: string[], name: string, { fails = false } = {}) {
  return createService(name, async () => {
    if (fails) throw new Error(`${name} cannot`);
    log.push(`+${name}`);
    return async () => void log.push(`-${name}`);
  });
}

test("startAll undoes what it started when one cannot", async () => {
  const log: string[] = [];
  const services = [recording(log, "a"), recording(log, "b"), recording(log, "c", { fails: true }), recording(log, "d")];
  await expect(startAll(services)).rejects.toThrow("c cannot");
  expect(log).toEqual(["+a", "+b", "-b", "-a"]);
});

test("startAll is given up when its signal is aborted", async () => {
  const log: string[] = [];
  const abort = new AbortController();
  const slow = createService("slow", (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))));
  const starting = startAll([recording(log, "a"), slow, recording(log, "b")], abort.signal);
  await new Promise(setImmediate);
  abort.abort();
  await expect(starting).rejects.toThrow("slow was stopped");
  expect(log).toEqual(["+a", "-a"]);
});

test("stopAll stops the others when one fails, and says so", async () => {
  const log: string[] = [];
  const broken = createService("broken", async () => () => Promise.reject(new Error("will not end")));
  const services = [broken, recording(log, "a")];
  await startAll(services);
  await expect(stopAll(services)).rejects.toThrow("will not end");
  expect(log).toEqual(["+a", "-a"]);
});
