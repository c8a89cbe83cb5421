import type { Claim, Renewal } from "@tape/store";
import { afterEach, expect, test } from "vitest";
import { silent } from "../log.ts";
import { claimOf, FakeDrive } from "../testing/fake-drive.ts";
import { torture } from "../testing/torture.ts";
import { until } from "../testing/until.ts";
import { createExecutor, type Executor, type ExecutorOptions } from "./executor.ts";

interface World {
  executor: Executor;
  drives: FakeDrive[];
  free: { count: number };
  accept(...claims: Claim[]): FakeDrive[];
}

let executor: Executor | undefined;
afterEach(async () => {
  executor?.hurry();
  await executor?.stop();
});

async function world(options: Partial<ExecutorOptions> = {}): Promise<World> {
  const drives: FakeDrive[] = [];
  const free = { count: 0 };
  const made = createExecutor({
    createDrive: (claim) => {
      const drive = new FakeDrive(claim);
      drives.push(drive);
      return drive;
    },
    renew: async (runs) => new Map(runs.map(({ runId }) => [runId, "ok" as const])),
    concurrency: 3,
    ttlMs: 60_000,
    graceMs: 5_000,
    onFree: () => void free.count++,
    log: silent,
    ...options,
  });
  executor = made;
  await made.start();
  const accept = (...claims: Claim[]) => {
    const before = drives.length;
    made.accept(claims);
    return drives.slice(before);
  };
  return { executor: made, drives, free, accept };
}

const turn = () => new Promise(setImmediate);

test("stands the torture", async () => {
  const { executor } = await world();
  await torture(executor);
});

test("places: free before and after, none while full, none before start and from the moment of stop", async () => {
  const { executor, free, accept } = await world({ concurrency: 2 });
  const [first] = accept(claimOf("run_a"), claimOf("run_b"));
  expect(executor.free()).toBe(0);
  first?.finish({ status: "ended", as: "COMPLETED" });
  await turn();
  expect([executor.free(), free.count, executor.stats().results.ended]).toEqual([1, 1, 1]);
  const stopping = executor.stop();
  expect(executor.free()).toBe(0);
  await stopping;
});

test("a parked drive is resumed under the next epoch and replayed under any other", async () => {
  const { executor, drives, accept } = await world();
  const [drive] = accept(claimOf("run_a", { epoch: 1 }));
  drive?.finish({ status: "parked", epoch: 1 });
  await turn();
  expect(executor.stats()).toMatchObject({ running: 0, parked: 1 });

  expect(accept(claimOf("run_a", { epoch: 2 }))).toEqual([]);
  expect(drive?.told).toEqual(["run", "resume"]);
  drive?.finish({ status: "parked", epoch: 2 });
  await turn();

  accept(claimOf("run_a", { epoch: 4 }));
  expect(drives.map(({ told }) => told)).toEqual([["run", "resume", "dispose"], ["run"]]);
  expect(executor.stats()).toMatchObject({ resumed: 1, replayed: 2, parked: 0 });
});

test("a walk goes on from nothing that was parked, and is under no suspicion", async () => {
  const { executor, drives, accept } = await world();
  const [drive] = accept(claimOf("run_a", { epoch: 1 }));
  drive?.finish({ status: "parked", epoch: 1 });
  await turn();
  accept(claimOf("run_a", { epoch: 2, taken: "walk", losses: 3 }));
  expect(drives.map(({ told }) => told)).toEqual([["run", "dispose"], ["run"]]);
  expect(executor.takesSuspect()).toBe(true);
  expect(executor.stats()).toMatchObject({ running: 1, parked: 0, resumed: 0, replayed: 1, walked: 1 });
});

test("a run claimed anew by the same worker ends the drive that had it", async () => {
  const { executor, accept } = await world();
  const [older] = accept(claimOf("run_a", { epoch: 1 }));
  const [newer] = accept(claimOf("run_a", { epoch: 2, taken: "stale" }));
  await turn();
  expect(older?.told).toEqual(["run", "abort lease_lost", "dispose"]);
  expect(newer?.told).toEqual(["run"]);
  expect(executor.stats().running).toBe(1);
});

test("one that cannot be made, and one that fails, cost nobody else", async () => {
  const { executor, accept } = await world({
    createDrive: (claim) => {
      if (claim.runId === "run_bad") throw new Error("no such agent");
      const drive = new FakeDrive(claim);
      if (claim.runId === "run_crash") drive.run = () => Promise.reject(new Error("crash"));
      return drive;
    },
  });
  accept(claimOf("run_bad"), claimOf("run_crash"), claimOf("run_good"));
  await turn();
  expect(executor.stats()).toMatchObject({ running: 1, results: { crashed: 1 } });
});

test("D25 one suspect at a time, until it gets on or has been survived for a while", async () => {
  let now = 0;
  const { executor, free, accept } = await world({ now: () => now, suspectMs: 1_000 });
  accept(claimOf("run_a", { losses: 1 }));
  expect(executor.takesSuspect()).toBe(false);
  executor.committed({ runId: "run_a", seq: 2, isProgress: false });
  expect(executor.takesSuspect()).toBe(false);
  executor.committed({ runId: "run_a", seq: 3, isProgress: true });
  expect([executor.takesSuspect(), free.count]).toEqual([true, 1]);

  accept(claimOf("run_b", { losses: 2 }));
  expect(executor.takesSuspect()).toBe(false);
  now = 1_000;
  expect(executor.takesSuspect()).toBe(true);
});

const TTL = 900;

test("leases are renewed in one statement once a third of the TTL is gone, and held as long as that works", async () => {
  const asked: string[][] = [];
  const { executor, accept } = await world({
    ttlMs: TTL,
    renew: async (runs) => {
      asked.push(runs.map(({ runId, epoch }) => `${runId} ${epoch}`));
      return new Map(runs.map(({ runId }) => [runId, "ok"]));
    },
  });
  const startedAt = performance.now();
  const [drive] = accept(claimOf("run_a", { ttlMs: TTL }), claimOf("run_b", { ttlMs: TTL, epoch: 7 }));
  await until(() => asked.length >= 4);
  expect(asked[0]).toEqual(["run_a 1", "run_b 7"]);
  expect(performance.now() - startedAt).toBeGreaterThan(TTL);
  expect([drive?.told, executor.stats().running]).toEqual([["run"], 2]);
});

test("D26 a drive is told the moment its lease can no longer be known to hold, database or not", async () => {
  const { executor, accept } = await world({ ttlMs: TTL, renew: () => Promise.reject(new Error("database away")) });
  const startedAt = performance.now();
  const [drive] = accept(claimOf("run_a", { ttlMs: TTL }));
  await until(() => drive?.told.includes("abort lease_lost"));
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(TTL - 1);
  expect(executor.stats()).toMatchObject({ running: 0, results: { lost: 1 } });
});

test("a drive that only waits for bodies is not renewed but told to look; its own commits keep it", async () => {
  const { accept } = await world({ ttlMs: TTL });
  const [hung, busy] = accept(claimOf("run_hung", { ttlMs: TTL }), claimOf("run_busy", { ttlMs: TTL }));
  for (const drive of [hung, busy]) if (drive) drive.renewable = false;
  await until(() => {
    if (busy) busy.renewedAt = performance.now();
    return hung?.told.includes("abort lease_lost");
  });
  expect(hung?.told.slice(0, 2)).toEqual(["run", "poke"]);
  expect(busy?.told).toEqual(["run"]);
});

test.each<[Renewal, string]>([
  ["lost", "abort lease_lost"],
  ["cancelled", "abort cancelled"],
])("a renewal answered %s reaches the drive", async (renewal, told) => {
  const { accept } = await world({ ttlMs: TTL, renew: async (runs) => new Map(runs.map(({ runId }) => [runId, renewal])) });
  const [drive] = accept(claimOf("run_a", { ttlMs: TTL }));
  await until(() => drive?.told.includes(told));
});

test("a cancelled drive that drains is held and renewed until it leaves, or a stop ends it", async () => {
  const asked: string[] = [];
  const { executor, accept } = await world({
    ttlMs: TTL,
    graceMs: 50,
    renew: async (runs) => {
      asked.push(...runs.map(({ runId }) => runId));
      return new Map(runs.map(({ runId }) => [runId, "cancelled"]));
    },
  });
  const [leaves, stays] = accept(claimOf("run_leaves", { ttlMs: TTL }), claimOf("run_stays", { ttlMs: TTL }));
  for (const drive of [leaves, stays]) if (drive) drive.drains = true;
  await until(() => asked.filter((runId) => runId === "run_stays").length >= 4);
  expect(leaves?.told).toEqual(["run", "abort cancelled"]);
  leaves?.finish({ status: "ended", as: "CANCELLED" });
  await turn();
  expect(executor.stats()).toMatchObject({ running: 1, results: { ended: 1, lost: 0 } });

  if (stays) stays.isObedient = false;
  const stopping = executor.stop();
  await until(() => stays?.told.includes("abort stopping"));
  stays?.finish({ status: "released" });
  await stopping;
  expect(stays?.told).toEqual(["run", "abort cancelled", "release", "abort stopping", "dispose"]);
});

test("stop: drives leave at their next boundary, bodies get their grace, what is left is aborted, and parked ones are dropped", async () => {
  const { executor, accept } = await world({ graceMs: 50, concurrency: 4 });
  const [quick, slow, parked] = accept(claimOf("run_quick"), claimOf("run_slow"), claimOf("run_parked"));
  if (slow) slow.isObedient = false;
  parked?.finish({ status: "parked", epoch: 1 });
  await turn();

  const stopping = executor.stop();
  await until(() => slow?.told.includes("abort stopping"));
  slow?.finish({ status: "released" });
  await stopping;
  expect(quick?.told).toEqual(["run", "release", "dispose"]);
  expect(slow?.told).toEqual(["run", "release", "abort stopping", "dispose"]);
  expect(parked?.told).toEqual(["run", "dispose"]);
  expect(executor.stats()).toMatchObject({ running: 0, parked: 0, results: { released: 2 } });
});

test("hurry ends the grace period, and a claim that arrives during stop is given back", async () => {
  const { executor, accept } = await world({ graceMs: 3_600_000 });
  const [slow] = accept(claimOf("run_slow"));
  slow!.release = () => void slow!.told.push("release");
  const stopping = executor.stop();
  const [late] = accept(claimOf("run_late"));
  expect(late?.told).toEqual(["run", "abort stopping"]);
  executor.hurry();
  await stopping;
  expect(slow?.told).toEqual(["run", "release", "abort stopping", "dispose"]);
});

test("pokes reach the drive concerned, unless it wrote the entry itself, or all", async () => {
  const { executor, accept } = await world();
  const [one, other] = accept(claimOf("run_a", { seq: 4 }), claimOf("run_b", { seq: 4 }));
  executor.poke("run_a", 5);
  executor.poke("run_unknown", 5);
  executor.committed({ runId: "run_b", seq: 6, isProgress: true });
  executor.poke("run_b", 6);
  expect([one?.told, other?.told]).toEqual([["run", "poke"], ["run"]]);
  executor.pokeAll();
  expect([one?.told, other?.told]).toEqual([["run", "poke", "poke"], ["run", "poke"]]);
});
