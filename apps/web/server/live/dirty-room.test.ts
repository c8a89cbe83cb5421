import { expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import { createDirtyRoom, type DirtyMember } from "./dirty-room.ts";
import type { Outlet } from "./outlet.ts";

function member(): DirtyMember & { open(): void; valve: { isCongested: boolean; isDropped: boolean } } {
  let open: () => void = () => {};
  const valve = { isCongested: false, isDropped: false };
  const outlet = {
    isClosed: false,
    isCongested: () => valve.isCongested,
    whenReady: () => (valve.isCongested ? new Promise<void>((resolve) => (open = resolve)) : Promise.resolve()),
    drop: () => void (valve.isDropped = true),
  } as Partial<Outlet> as Outlet;
  return { watchId: "w", outlet, isHeld: false, owed: new Set(), valve, open: () => ((valve.isCongested = false), open()) };
}

function room() {
  const told = new Map<DirtyMember, string[][]>();
  const reads: string[][] = [];
  const dirty = createDirtyRoom<string[]>({
    log: createLog("silent"),
    gatherMs: 5,
    read: async (keys) => (reads.push(keys), keys),
    emit: (to, keys) => told.set(to, [...(told.get(to) ?? []), keys]),
  });
  return { ...dirty, reads, told: (of: DirtyMember) => told.get(of) ?? [] };
}

test("changes are gathered and read once for all", async () => {
  const { add, changed, reads, told } = room();
  const [one, other] = [member(), member()];
  [one, other].forEach(add);
  for (const key of ["a", "b", "a", "c"]) changed(key);
  await vi.waitFor(() => expect(told(other)).toEqual([["a", "b", "c"]]));
  expect([told(one), reads.length]).toEqual([[["a", "b", "c"]], 1]);
});

test("what happens before the acknowledgement is told after it", async () => {
  const { add, changed, release, told, reads } = room();
  const late = Object.assign(member(), { isHeld: true });
  add(late);
  changed("a");
  await vi.waitFor(() => expect(reads).toHaveLength(1));
  expect(told(late)).toEqual([]);
  release(late);
  await vi.waitFor(() => expect(told(late)).toEqual([["a"]]));
});

test("a slow reader is owed each key once, and dropped when it owes too many", async () => {
  const { add, changed, told, reads } = room();
  const slow = member();
  add(slow);
  slow.valve.isCongested = true;
  for (let round = 1; round <= 3; round++) {
    changed("a");
    await vi.waitFor(() => expect(reads).toHaveLength(round));
  }
  expect([told(slow), [...slow.owed]]).toEqual([[], ["a"]]);
  slow.open();
  await vi.waitFor(() => expect(told(slow)).toEqual([["a"]]));

  slow.valve.isCongested = true;
  for (let key = 0; key < 6000; key++) changed(`run_${key}`);
  await vi.waitFor(() => expect(slow.valve.isDropped).toBe(true));
});
