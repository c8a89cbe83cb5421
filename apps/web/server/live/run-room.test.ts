import type { Entry, Run } from "@tape/core";
import { expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import type { Outlet } from "./outlet.ts";
import { createRunRoom, PAGE, type RunMember } from "./run-room.ts";
import type { LiveReads } from "./types.ts";

const log = createLog("silent");

/** A journal in memory, and how often it was read. */
function journal(length: number) {
  const state = { length, reads: 0 };
  const entry = (seq: number) => ({ runId: "run_1", seq, kind: "run", verb: "sampled", at: "", payload: {} }) as unknown as Entry;
  const reads = {
    run: async () => ({ id: "run_1", seq: state.length }) as Run,
    entries: async (_: string, fromSeq: number, limit: number) => {
      state.reads++;
      await new Promise(setImmediate);
      return Array.from({ length: Math.min(limit, state.length - fromSeq) }, (_, n) => entry(fromSeq + n + 1));
    },
  } as Partial<LiveReads> as LiveReads;
  return { state, reads };
}

function reader(seq = 0) {
  const got: number[] = [];
  let open: () => void = () => {};
  const valve = { isCongested: false, mostAtOnce: 0 };
  const outlet: Outlet = {
    emit: (event, message) => {
      if (event !== "entries") return;
      const { entries } = message as { entries: Entry[] };
      got.push(...entries.map((entry) => entry.seq));
      valve.mostAtOnce = Math.max(valve.mostAtOnce, entries.length);
    },
    isClosed: false,
    isCongested: () => valve.isCongested,
    whenReady: () => (valve.isCongested ? new Promise((resolve) => (open = resolve)) : Promise.resolve()),
    drop: () => {},
  };
  const member: RunMember = { watchId: "w", outlet, at: seq, isLive: false, told: null };
  return {
    member,
    got,
    valve,
    open() {
      valve.isCongested = false;
      open();
    },
  };
}

const range = (last: number) => Array.from({ length: last }, (_, n) => n + 1);

test("what is new is read once for all that are in step", async () => {
  const { state, reads } = journal(3);
  const room = createRunRoom("run_1", { reads, log });
  const readers = range(10).map(() => reader());
  for (const { member } of readers) room.add(member);
  await vi.waitFor(() => readers.forEach(({ got }) => expect(got).toEqual([1, 2, 3])));

  const before = state.reads;
  state.length = 5;
  room.changed(5);
  await vi.waitFor(() => readers.forEach(({ got }) => expect(got).toEqual(range(5))));
  expect(state.reads - before).toBe(1);
});

test("a slow reader is read for only when it has room, a page at a time, and misses nothing", async () => {
  const { state, reads } = journal(1);
  const room = createRunRoom("run_1", { reads, log });
  const [slow, quick] = [reader(), reader()];
  for (const { member } of [slow, quick]) room.add(member);
  await vi.waitFor(() => expect([slow.got, quick.got]).toEqual([[1], [1]]));

  slow.valve.isCongested = true;
  for (let to = 100; to <= 5000; to += 100) {
    state.length = to;
    room.changed(to);
    await new Promise(setImmediate);
  }
  await vi.waitFor(() => expect(quick.got).toEqual(range(5000)));
  expect(slow.got).toEqual([1]);
  slow.open();
  await vi.waitFor(() => expect(slow.got).toEqual(range(5000)));
  expect(slow.valve.mostAtOnce).toBeLessThanOrEqual(PAGE);
});

test("a hint that comes while the last page is read is not lost", async () => {
  const { state, reads } = journal(PAGE - 1);
  const room = createRunRoom("run_1", { reads, log });
  const one = reader();
  room.add(one.member);
  state.length = PAGE + 10;
  room.changed(PAGE + 10);
  await vi.waitFor(() => expect(one.got).toEqual(range(PAGE + 10)));
});
