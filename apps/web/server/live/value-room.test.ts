import type { ValueChange } from "@tape/core";
import { expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import type { FeedMember } from "./feed-room.ts";
import type { LiveReads } from "./types.ts";
import { createValueRoom } from "./value-room.ts";

/** Versions in memory, and how often they were read. */
function values(length: number) {
  const state = { length, reads: 0 };
  const change = (version: number) => ({ version, value: version, prevVersion: version - 1, prevValue: version - 1, skipped: 0 }) as ValueChange;
  const reads = {
    versions: async (_: string, __: string, after: number, limit: number) => {
      state.reads++;
      await new Promise(setImmediate);
      return Array.from({ length: Math.min(limit, state.length - after) }, (_, n) => change(after + n + 1));
    },
  } as Partial<LiveReads> as LiveReads;
  return { state, room: createValueRoom("n", "k", { reads, log: createLog("silent") }) };
}

function reader(at = 0) {
  const got: number[] = [];
  const valve = { isCongested: false };
  let open: () => void = () => {};
  const member: FeedMember = {
    watchId: "w",
    at,
    isLive: false,
    outlet: {
      emit: (_, message) => void got.push((message as ValueChange).version),
      isClosed: false,
      isCongested: () => valve.isCongested,
      whenReady: () => (valve.isCongested ? new Promise((resolve) => (open = resolve)) : Promise.resolve()),
      drop: () => {},
    },
  };
  return { member, got, valve, open: () => ((valve.isCongested = false), open()) };
}

const range = (last: number) => Array.from({ length: last }, (_, n) => n + 1);

test("200 who watch one value cost one read for each change", async () => {
  const { state, room } = values(0);
  const readers = range(200).map(() => reader());
  for (const { member } of readers) room.add(member);
  await vi.waitFor(() => expect(readers.every(({ member }) => member.isLive)).toBe(true));
  const before = state.reads;
  for (let version = 1; version <= 10; version++) {
    state.length = version;
    room.changed(version);
    await vi.waitFor(() => readers.forEach(({ got }) => expect(got).toEqual(range(version))));
  }
  expect(state.reads - before).toBe(10);
});

test("a slow one is read for only when it has room, and misses nothing", async () => {
  const { state, room } = values(1);
  const [slow, quick] = [reader(), reader()];
  for (const { member } of [slow, quick]) room.add(member);
  await vi.waitFor(() => expect([slow.got, quick.got]).toEqual([[1], [1]]));
  slow.valve.isCongested = true;
  for (let version = 50; version <= 500; version += 50) {
    state.length = version;
    room.changed(version);
    await vi.waitFor(() => expect(quick.got).toEqual(range(version)));
  }
  expect(slow.got).toEqual([1]);
  slow.open();
  await vi.waitFor(() => expect(slow.got).toEqual(range(500)));
});
