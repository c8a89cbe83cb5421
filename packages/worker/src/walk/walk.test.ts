import { AckLost, LeaseLost, type BodyContext } from "@tape/sdk";
import type { NextReversal, Renewal, Reversal, ReversalOutcome, ReversalRecorded } from "@tape/store";
import { expect, test } from "vitest";
import { until } from "../testing/until.ts";
import type { WalkJournal } from "./journal.ts";
import { Walk } from "./walk.ts";

const TTL = 60_000;

function reversal(fields: Partial<Reversal> = {}): NextReversal {
  return { to: "undo", obligation: { id: "obl_1", effectId: "eff_1", kind: "wire/undo", connector: null, payload: { input: 7, result: "w7" }, attempt: 1, key: "run_a//d0/wire/1/undo/1", ...fields } };
}

/** A walk whose journal answers what it is told to, in order, and keeps what it was told. */
function world({ nexts, recorded = [], run, ttlMs = TTL, renewal = "ok" }: {
  nexts: NextReversal[];
  recorded?: ReversalRecorded[];
  run?: (ctx: BodyContext, effect: { input: unknown; result: unknown }) => Promise<unknown>;
  ttlMs?: number;
  renewal?: Renewal;
}) {
  const told: string[] = [];
  const outcomes: ReversalOutcome[] = [];
  const journal: WalkJournal = {
    next: async () => {
      told.push("next");
      return nexts.shift() ?? { to: "done" };
    },
    record: async ({ id, attempt }, outcome) => {
      told.push(`${id} ${attempt} ${outcome.status}`);
      outcomes.push(outcome);
      return recorded.shift() ?? { to: "on" };
    },
    renew: async () => {
      told.push("renew");
      return renewal;
    },
    release: async () => void told.push("release"),
  };
  const walk = new Walk({ claim: { runId: "run_a", ttlMs }, compensators: new Map([["wire/undo", { run: run ?? (async () => "undone") }]]), journal });
  return { walk, told, outcomes };
}

test("reversals one after the other, each with its key and effect, and then the run is COMPENSATED", async () => {
  const seen: unknown[] = [];
  const { walk, told, outcomes } = world({
    nexts: [reversal(), reversal({ id: "obl_0", attempt: 3, key: "run_a//d0/wire/0/undo/1", payload: { input: null, result: null } })],
    run: async ({ runId, key, attempt, isCancelled }, effect) => {
      seen.push([runId, key, attempt, await isCancelled(), effect]);
      return { at: new Date(0) };
    },
  });
  expect(await walk.run()).toEqual({ status: "ended", as: "COMPENSATED" });
  expect(told).toEqual(["next", "obl_1 1 compensated", "next", "obl_0 3 compensated", "next"]);
  expect(seen).toEqual([
    ["run_a", "run_a//d0/wire/1/undo/1", 1, false, { input: 7, result: "w7" }],
    ["run_a", "run_a//d0/wire/0/undo/1", 3, false, { input: null, result: null }],
  ]);
  expect(outcomes[0]).toEqual({ status: "compensated", result: { at: "1970-01-01T00:00:00.000Z" }, durationMs: expect.any(Number) });
});

test.each<[string, unknown, object]>([
  ["an error", Object.assign(new Error("account closed"), { code: "closed" }), { name: "Error", message: "account closed", code: "closed", stack: expect.any(String) }],
  ["a lost acknowledgement", new AckLost("hung up"), { name: "AckLost", message: "hung up", stack: expect.any(String) }],
  ["a word", "no", { name: "Error", message: "no" }],
  ["nothing", undefined, { name: "Error", message: "undefined" }],
  ["what cannot be told", { self: 1n }, { name: "Error", message: "[object Object]" }],
])("D21 %s that is thrown is an attempt", async (_, thrown, error) => {
  const { walk, outcomes } = world({ nexts: [reversal()], recorded: [{ to: "stuck" }], run: () => Promise.reject(thrown as Error) });
  expect(await walk.run()).toEqual({ status: "ended", as: "STUCK" });
  expect(outcomes).toEqual([{ status: "failed", error }]);
});

test("a result that is not JSON keeps nothing from being compensated", async () => {
  const { walk, outcomes } = world({ nexts: [reversal()], run: async () => 1n });
  await walk.run();
  expect(outcomes).toMatchObject([{ status: "compensated", result: undefined }]);
});

test("it waits between attempts, renewable, and looks again when it is told that something changed", async () => {
  const { walk, told } = world({ nexts: [reversal(), { to: "wait", inMs: 3_600_000 }], recorded: [{ to: "wait", inMs: 3_600_000 }], run: () => Promise.reject(new Error("down")) });
  const walking = walk.run();
  await until(() => told.length === 2);
  expect(walk.renewable).toBe(true);
  walk.poke();
  await until(() => told.length === 3);
  walk.poke();
  expect(await walking).toEqual({ status: "ended", as: "COMPENSATED" });
  expect(told).toEqual(["next", "obl_1 1 failed", "next", "next"]);
});

test("what it waits for comes by itself too", async () => {
  const { walk, told } = world({ nexts: [{ to: "wait", inMs: 20 }] });
  expect(await walk.run()).toMatchObject({ as: "COMPENSATED" });
  expect(told).toEqual(["next", "next"]);
});

test("what changes while the journal is asked is not waited for", async () => {
  const { walk, told } = world({ nexts: [{ to: "wait", inMs: 3_600_000 }] });
  const walking = walk.run();
  walk.poke();
  await walking;
  expect(told).toEqual(["next", "next"]);
});

test("release: the compensator at work is waited for and recorded, no other begins, and the lease is given back", async () => {
  let finish = (): void => {};
  const { walk, told } = world({ nexts: [reversal(), reversal({ id: "obl_0" })], run: () => new Promise<void>((resolve) => (finish = resolve)) });
  const walking = walk.run();
  await until(() => told.length === 1 && !walk.renewable);
  walk.release();
  finish();
  expect(await walking).toEqual({ status: "released" });
  expect(told).toEqual(["next", "obl_1 1 compensated", "release"]);
});

test("release ends a wait", async () => {
  const { walk, told } = world({ nexts: [{ to: "wait", inMs: 3_600_000 }] });
  const walking = walk.run();
  await until(() => told.length === 1);
  walk.release();
  expect(await walking).toEqual({ status: "released" });
});

test("release while the journal is asked: nothing begins", async () => {
  let calls = 0;
  const { walk, told } = world({ nexts: [reversal()], run: async () => ++calls });
  const walking = walk.run();
  walk.release();
  expect(await walking).toEqual({ status: "released" });
  expect(told).toEqual(["next", "release"]);
  expect(calls).toBe(0);
});

test("abort stopping: the compensator's signal is aborted, what it brings is not said, and the lease is given back at once", async () => {
  let signal: AbortSignal | undefined;
  const { walk, told } = world({ nexts: [reversal()], run: (ctx) => new Promise((_, reject) => (signal = ctx.signal).addEventListener("abort", () => reject(new Error("aborted")))) });
  const walking = walk.run();
  await until(() => signal);
  walk.abort("stopping");
  expect(await walking).toEqual({ status: "released" });
  expect(signal?.aborted).toBe(true);
  expect(told).toEqual(["next", "release"]);
});

test("abort lease_lost: the signal is aborted, and a compensator that finishes after that says nothing", async () => {
  let context: BodyContext | undefined;
  let finish = (): void => {};
  const { walk, told } = world({ nexts: [reversal()], run: (ctx) => new Promise<void>((resolve) => ((context = ctx), (finish = resolve))) });
  const walking = walk.run();
  await until(() => context);
  walk.abort("lease_lost");
  expect(await walking).toMatchObject({ status: "lost", reason: "lease_lost" });
  expect(context?.signal.reason).toBeInstanceOf(LeaseLost);
  await expect(context?.heartbeat()).rejects.toThrow(LeaseLost);
  finish();
  await new Promise(setImmediate);
  expect(told).toEqual(["next"]);
});

test("a lease lost during a stop ends it too", async () => {
  const { walk, told } = world({ nexts: [reversal()], run: () => new Promise(() => {}) });
  const walking = walk.run();
  await until(() => !walk.renewable);
  walk.release();
  walk.abort("lease_lost");
  expect(await walking).toMatchObject({ status: "lost" });
  expect(told).toEqual(["next"]);
});

test("a walk is not cancelled", async () => {
  const { walk } = world({ nexts: [reversal()], run: async ({ signal }) => signal.throwIfAborted() });
  walk.abort("cancelled");
  expect(await walk.run()).toMatchObject({ as: "COMPENSATED" });
});

test("D26 a compensator keeps its lease by its heartbeat alone, which writes once in a tenth of the TTL", async () => {
  let context: BodyContext | undefined;
  const { walk, told } = world({ nexts: [reversal()], run: (ctx) => ((context = ctx), new Promise(() => {})) });
  void walk.run();
  await until(() => context);
  expect(walk.renewable).toBe(false);
  await context?.heartbeat();
  walk.renewedAt -= TTL / 10;
  const before = walk.renewedAt;
  await context?.heartbeat();
  await context?.heartbeat();
  expect(told).toEqual(["next", "renew"]);
  expect(walk.renewedAt).toBeGreaterThan(before);
});

test("a heartbeat that finds the walk taken over throws LeaseLost and aborts the signal", async () => {
  const thrown: unknown[] = [];
  const { walk, told } = world({
    nexts: [reversal()],
    renewal: "lost",
    run: async (ctx) => {
      walk.renewedAt -= TTL;
      await ctx.heartbeat().catch((error: unknown) => thrown.push(error, ctx.signal.aborted));
    },
  });
  expect(await walk.run()).toMatchObject({ status: "lost", reason: "lease_lost" });
  await until(() => thrown.length === 2);
  expect(thrown).toEqual([expect.any(LeaseLost), true]);
  expect(told).toEqual(["next", "renew"]);
});

test("a compensator begins with most of a lease", async () => {
  const { walk, told } = world({ nexts: [reversal()] });
  walk.renewedAt -= TTL / 2;
  await walk.run();
  expect(told).toEqual(["next", "renew", "obl_1 1 compensated", "next"]);
});

test.each<[string, NextReversal[], ReversalRecorded[]]>([
  ["asked", [{ to: "lost", message: "run_a is driven under epoch 3" }], []],
  ["told", [reversal()], [{ to: "lost", message: "run_a is driven under epoch 3" }]],
])("the journal that is %s says that the walk is another's", async (_, nexts, recorded) => {
  const { walk } = world({ nexts, recorded });
  expect(await walk.run()).toEqual({ status: "lost", reason: "lease_lost", message: "run_a is driven under epoch 3" });
});

test("left: it is somebody else's turn, or there is nothing to do yet", async () => {
  const { walk } = world({ nexts: [{ to: "left", why: "compensator_missing" }] });
  expect(await walk.run()).toEqual({ status: "released" });
});

test("what breaks is left to its lease", async () => {
  const { walk } = world({ nexts: [reversal({ kind: "other/undo" })] });
  expect(await walk.run()).toEqual({ status: "lost", reason: "unavailable", message: "compensator other/undo is not loaded here" });
});
