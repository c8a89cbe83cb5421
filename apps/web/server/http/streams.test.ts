import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import { createStreams, type Stream, type StreamRequest } from "./streams.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function opener() {
  const streams = createStreams(createLog("silent"));
  const left: string[] = [];
  const open = (holder: string, holds: StreamRequest["holds"] = async () => true) => {
    let stream!: Stream;
    const response = streams.open({ holder, holds, begin: (given) => ((stream = given), () => void left.push(holder)) });
    return { response, stream, reader: response.body!.getReader() };
  };
  return { streams, open, left };
}

async function next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string | null> {
  const { done, value } = await reader.read();
  return done ? null : new TextDecoder().decode(value);
}

test("it begins at once, beats every 15 s, and ends when the server stops", async () => {
  const { streams, open, left } = opener();
  const { stream, reader } = open("ann");
  expect(await next(reader)).toBe("retry: 1000\n\n");
  stream.send("value", '{"a":1}', 7);
  expect(await next(reader)).toBe('event: value\nid: 7\ndata: {"a":1}\n\n');
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await next(reader)).toMatch(/^: /);
  streams.stop();
  expect(await next(reader)).toBeNull();
  await vi.advanceTimersByTimeAsync(0);
  expect([left, streams.count(), vi.getTimerCount()]).toEqual([["ann"], 0, 0]);
  expect(() => open("ann")).toThrow(expect.objectContaining({ code: "unavailable" }) as Error);
});

test("it ends when what let its holder in holds no more, but not when that cannot be looked up", async () => {
  const { streams, open, left } = opener();
  const answers: Record<string, () => Promise<boolean>> = { ann: async () => false, bob: async () => true, eve: async () => Promise.reject(new Error("away")) };
  let looks = 0;
  for (const name of ["ann", "ann", "bob", "eve"]) open(name, () => (looks++, answers[name]!()));
  await vi.advanceTimersByTimeAsync(2_000);
  expect([left, streams.count(), looks]).toEqual([["ann", "ann"], 2, 3]);
  streams.stop();
});

test("it is left when its reader goes, and a slow reader is waited for", async () => {
  const { streams, open, left } = opener();
  const { stream, reader } = open("ann");
  stream.send("value", "x".repeat(300 * 1024));
  expect(stream.isCongested()).toBe(true);
  let isReady = false;
  void stream.whenReady().then(() => (isReady = true));
  await vi.advanceTimersByTimeAsync(0);
  expect(isReady).toBe(false);
  await next(reader);
  await next(reader);
  await vi.advanceTimersByTimeAsync(0);
  expect(isReady).toBe(true);
  await reader.cancel();
  await vi.advanceTimersByTimeAsync(0);
  expect([left, stream.isClosed]).toEqual([["ann"], true]);
  stream.send("value", "1");
  streams.stop();
});

test("one holder has at most 200, and others are not touched", () => {
  const { streams, open } = opener();
  for (let n = 0; n < 200; n++) open("ann");
  expect(() => open("ann")).toThrow(expect.objectContaining({ code: "rate_limited" }) as Error);
  expect(() => open("bob")).not.toThrow();
  streams.stop();
});
