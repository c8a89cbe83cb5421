import { getRun, getValue, readJournal, startRun, valueHistory } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { awaitSignal, createTape, VersionConflict, type AgentDefinition, type Tape } from "../src/index.ts";
import { atEveryBoundary } from "./boundaries.ts";
import { claim, driveOf, driveOnce, expireLeases, openWorld, type World } from "./world.ts";

let world: World;
const tapes: Tape[] = [];
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  await Promise.all(tapes.map((tape) => tape.close()));
  await world.close();
});

function tapeOf(app: string): Tape {
  const tape = createTape({ app });
  tape.use(world.store);
  tapes.push(tape);
  return tape;
}
async function start(agent: AgentDefinition): Promise<string> {
  const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input: {}, startedBy: "test" });
  return run.id;
}
const output = async (id: string): Promise<unknown> => (await getRun(world.store, { id })).output;
const entries = async (runId: string) => (await readJournal(world.store, { runId, limit: 1_000 })).items;

test("V1 writes count up, a delete is a tombstone, and a stale compare-and-set throws VersionConflict with the version that stands", async () => {
  const tape = tapeOf("v1");
  expect(await tape.getValue("shop", "price")).toBeNull();
  expect(await tape.setValue("shop", "price", 1)).toEqual({ version: 1 });
  expect(await tape.setValue("shop", "price", 2, { ifVersion: 1 })).toEqual({ version: 2 });
  expect(await tape.getValue("shop", "price")).toEqual({ value: 2, version: 2 });
  const stale = await tape.setValue("shop", "price", 3, { ifVersion: 1 }).catch((error: unknown) => error);
  expect(stale).toBeInstanceOf(VersionConflict);
  expect(stale).toMatchObject({ code: "version_conflict", currentVersion: 2, status: 409 });
  await expect(tape.setValue("shop", "price", 3, { ifNotLive: true })).rejects.toMatchObject({ currentVersion: 2 });
  expect(await tape.deleteValue("shop", "price", { ifVersion: 2 })).toEqual({ version: 3 });
  expect(await tape.getValue("shop", "price")).toBeNull();
  await expect(tape.deleteValue("shop", "price")).rejects.toMatchObject({ code: "not_found" });
  expect(await tape.setValue("shop", "price", 4, { ifNotLive: true })).toEqual({ version: 4 });
  expect(await getValue(world.store, { namespace: "shop", key: "price" })).toMatchObject({ writer: "sdk:v1" });
});

test("V1 in agent code a conflict is the same VersionConflict on every drive, although the value has changed since", async () => {
  const tape = tapeOf("v1-agent");
  await tape.setValue("v1-agent", "x", "theirs");
  const seen: unknown[] = [];
  const agent = tape.agent("swapping", async (run) => {
    const read = await tape.getValue("v1-agent", "x");
    const conflict = await tape.setValue("v1-agent", "x", "mine", { ifVersion: 7 }).catch((error: unknown) => error);
    const gone = await tape.deleteValue("v1-agent", "y").catch((error: { code: string }) => error.code);
    const isConflict = conflict instanceof VersionConflict;
    seen.push([read, isConflict && conflict.currentVersion, isConflict && conflict.code, gone]);
    await awaitSignal(run, "go");
    return read;
  });
  const id = await start(agent);
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  for (let version = 2; version <= 7; version++) await tape.setValue("v1-agent", "x", version);
  await tape.sendSignal(id, "go");
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  const first = [{ value: "theirs", version: 1 }, 1, "version_conflict", "not_found"];
  expect(seen).toEqual([first, first]);
  expect((await tape.getValue("v1-agent", "x"))?.version).toBe(7);
});

test("what agent code writes and reads is in its journal, by version, and replayed without the database", async () => {
  const tape = tapeOf("journaled");
  const agent = tape.agent("writing", async () => {
    const { version } = await tape.setValue("journaled", "a", { n: 1 });
    const read = await tape.getValue<{ n: number }>("journaled", "a");
    await tape.deleteValue("journaled", "a");
    return [version, read, await tape.getValue("journaled", "a")];
  });
  const id = await start(agent);
  await driveOnce(world, agent);
  expect(await output(id)).toEqual([1, { value: { n: 1 }, version: 1 }, null]);
  const said = (await entries(id)).filter(({ kind }) => kind === "value");
  expect(said.map(({ verb, payload }) => [verb, (payload as { version: number | null }).version])).toEqual([["written", 1], ["read", 1], ["deleted", 2], ["read", null]]);
  expect((await getValue(world.store, { namespace: "journaled", key: "a" }))?.writer).toBe(`run:${id}`);
});

test("a step's write is one write, at whichever boundary its driver dies", async () => {
  const tape = tapeOf("one-write");
  const agent = tape.agent("writing", async (run) => {
    const key = run.id;
    const made = await tape.setValue("one-write", key, 1, { ifNotLive: true });
    const changed = await tape.setValue("one-write", key, 2, { ifVersion: made.version });
    const deleted = await tape.deleteValue("one-write", key, { ifVersion: changed.version });
    return [made.version, changed.version, deleted.version];
  });
  const boundaries = await atEveryBoundary(world, agent, () => start(agent), async (id, boundary) => {
    expect(await output(id), `killed at ${boundary}`).toEqual([1, 2, 3]);
    expect((await valueHistory(world.store, { namespace: "one-write", key: id })).items, `killed at ${boundary}`).toHaveLength(3);
  });
  expect(boundaries).toBeGreaterThan(6);
});

test("in a body a value is written at once, again with each try, and no entry says so", async () => {
  const tape = tapeOf("in-body");
  let tries = 0;
  const counting = tape.effect("counting", { retry: { attempts: 2, firstDelayMs: 1 } }, async () => {
    tries += 1;
    await tape.setValue("in-body", "tries", tries);
    const seen = await tape.getValue("in-body", "tries");
    if (tries === 1) throw new Error("again");
    return seen;
  });
  const agent = tape.agent("bodies", (run) => counting(run, {}));
  const id = await start(agent);
  await driveOnce(world, agent);
  expect(await output(id)).toEqual({ value: 2, version: 2 });
  expect((await entries(id)).some(({ kind }) => kind === "value")).toBe(false);
  expect((await getValue(world.store, { namespace: "in-body", key: "tries" }))?.writer).toBe(`run:${id}`);
});

test("a body whose lease was lost writes no value any more", async () => {
  const tape = tapeOf("fenced");
  let release: () => void = () => {};
  const refusals: unknown[] = [];
  let bodies = 0;
  const slow = tape.effect("slow", async () => {
    const mine = (bodies += 1);
    await tape.setValue("fenced", "by", mine);
    if (mine > 1) return mine;
    await new Promise<void>((resolve) => (release = resolve));
    await tape.setValue("fenced", "by", "the first again").catch((error: { code: string }) => refusals.push(error.code));
    return mine;
  });
  const agent = tape.agent("fencing", (run) => slow(run, {}));
  await start(agent);
  const first = driveOf(world, agent, await claim(world, agent, { owner: "wrk_A" })).run();
  await expect.poll(() => bodies).toBe(1);
  await expireLeases(world);
  expect(await driveOnce(world, agent, { owner: "wrk_B" })).toEqual({ status: "ended", as: "COMPLETED" });
  release();
  await first;
  expect(refusals).toEqual(["lease_lost"]);
  expect(await tape.getValue("fenced", "by")).toEqual({ value: 2, version: 2 });
});

test("a watcher is told every version with the one before, as it is written, until its signal aborts", async () => {
  const tape = tapeOf("watching");
  await tape.setValue("watching", "bar", 1);
  const stop = new AbortController();
  const seen: unknown[] = [];
  const watching = (async () => {
    for await (const { version, value, prevVersion, prevValue, deleted, skipped } of tape.watchValue("watching", "bar", { signal: stop.signal })) {
      seen.push([version, deleted ? "deleted" : value, prevVersion, prevValue, skipped]);
    }
    return "ended";
  })();
  await expect.poll(() => seen.length).toBe(1);
  await tape.setValue("watching", "bar", 2);
  await tape.deleteValue("watching", "bar");
  await expect.poll(() => seen.length).toBe(3);
  expect(seen).toEqual([[1, 1, 0, null, 0], [2, 2, 1, 1, 0], [3, "deleted", 2, 2, 0]]);
  stop.abort();
  expect(await watching).toBe("ended");
});

test("a watch ends when its tape is closed, and a tape that was closed may watch again", async () => {
  const tape = tapeOf("closing");
  await tape.setValue("closing", "bar", 1);
  for (let round = 0; round < 2; round++) {
    const seen: number[] = [];
    const watching = (async () => {
      for await (const { version } of tape.watchValue("closing", "bar")) seen.push(version);
      return "ended";
    })();
    await expect.poll(() => seen).toEqual([1]);
    await tape.close();
    expect(await watching).toBe("ended");
  }
});

test("agent code and bodies may not watch, and are told what to do instead", async () => {
  const tape = tapeOf("no-watching");
  const told = () => {
    try {
      tape.watchValue("a", "b");
      return "watched";
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return [code, /awaitSignal.*getValue/.test(message)];
    }
  };
  const agent = tape.agent("watching", async (run) => [told(), await run.effect("body", {}, told)]);
  const id = await start(agent);
  await driveOnce(world, agent);
  expect(await output(id)).toEqual([["invalid_input", true], ["invalid_input", true]]);
});
