import { startRun } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTape, defineConfig, type Sink } from "../src/index.ts";
import { driveOnce, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test("watchJournal gives the entries of all runs as readJournal does, goes on from a cursor, and ends with the tape", async () => {
  const tape = createTape({ app: "feed" });
  tape.use(world.store);
  const agent = tape.agent("probe", () => Promise.resolve("done"));
  const { run } = await startRun(world.store, { app: "feed", agent: "probe", input: {}, startedBy: "test" });
  await driveOnce(world, agent);
  const journal = (await tape.readJournal(run)).items;
  let cursor = "start";
  const given = [];
  for await (const page of tape.watchJournal({ cursor, limit: 2 })) {
    given.push(...page.entries);
    cursor = page.cursor;
    if (given.length >= journal.length) break;
  }
  expect(given).toEqual(journal);
  const rest = tape.watchJournal({ cursor })[Symbol.asyncIterator]();
  const next = rest.next();
  const { run: second } = await startRun(world.store, { app: "feed", agent: "probe", input: {}, startedBy: "test" });
  expect((await next).value?.entries.map(({ runId, seq }: { runId: string; seq: number }) => [runId, seq])).toEqual([[second.id, 1]]);
  const last = rest.next();
  await tape.close();
  expect(await last).toEqual({ done: true, value: undefined });
});

test("watchJournal is refused in agent code, and what is no cursor is said", async () => {
  const tape = createTape({ app: "feed-refused" });
  tape.use(world.store);
  const agent = tape.agent("watching", async () => {
    for await (const page of tape.watchJournal()) return page.cursor;
    return null;
  });
  const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input: {}, startedBy: "test" });
  await driveOnce(world, agent);
  expect((await tape.getRun(run)).error).toMatchObject({ code: "invalid_input", message: expect.stringContaining("watchJournal") });
  await expect(tape.watchJournal({ cursor: "nonsense" })[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "invalid_input" });
  await tape.close();
});

test("defineConfig says which sink, or which age of retention, is wrong", () => {
  const tape = createTape({ app: "config" });
  const sink: Sink = { id: "a", deliver: () => Promise.resolve() };
  const config = { tape, agents: [], sinks: [sink], retention: { bodiesAfterMs: 0, runsAfterMs: { COMPLETED: 1 } } };
  expect(defineConfig(config)).toBe(config);
  expect(() => defineConfig({ tape, agents: [], sinks: [sink, sink] })).toThrow(/sink a is defined twice/);
  expect(() => defineConfig({ tape, agents: [], retention: { bodiesAfterMs: -1 } })).toThrow(/bodiesAfterMs/);
  expect(() => defineConfig({ tape, agents: [], retention: { runsAfterMs: 1.5 } })).toThrow(/runsAfterMs/);
  expect(() => defineConfig({ tape, agents: [], retention: { runsAfterMs: { STUCK: 1 } as object } })).toThrow(/STUCK is none/);
});
