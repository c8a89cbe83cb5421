import { entrySchema, ERROR_STATUS, run as runSchema, runLabels, TapeError } from "@tape/core";
import { rubbishCursor, rubbishRuns, rubbishText, rubbishValue } from "@tape/core/testing/rubbish";
import { makeRun, makeTimer, readStoredRows, type StoredRows } from "@tape/store/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTape, type AgentDefinition, type Operations, type Tape } from "../src/index.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
let tape: Tape;
let agent: AgentDefinition;
let stored: StoredRows;
let ids: string[];
beforeAll(async () => {
  world = await openWorld();
  tape = createTape({ app: "rubbish" });
  tape.use(world.store);
  agent = tape.agent("pay", async () => null);
  const runs = await Promise.all((["RUNNABLE", "WAITING", "COMPLETED", "STUCK"] as const).map((status) => makeRun(world.store, { status })));
  await makeTimer(world.store, runs[0]!.id, { id: "nightly", kind: "redrive", inMs: 3_600_000 });
  await tape.setValue("a/b", "k", 1);
  ids = runs.map(({ id }) => id);
  stored = await readStoredRows(world.store);
});
afterAll(async () => {
  await tape.close();
  await world.close();
});

type Any = (...args: unknown[]) => unknown;
type Arguments = fc.Arbitrary<unknown>[];

/** A watch that has nothing to say yet is taken for one that was accepted (ms). */
const PATIENCE_MS = 100;
const CASES = 15;
const READS = new Set<string>(["getRun", "listRuns", "readJournal", "compensationPlan", "getValue", "watchValue", "watchJournal", "awaitSignal", "heartbeat", "isCancelled"] satisfies (keyof Operations)[]);

const text = (...fitting: string[]) => (fitting.length === 0 ? rubbishText : fc.oneof(fc.constantFrom(...fitting), rubbishText));
const number = fc.oneof(fc.integer({ min: -2, max: 100_000 }), fc.constantFrom(NaN, Infinity, -0, 0.5, 1e300, 2 ** 53, 2 ** 31, -1e300));
const target = () => fc.oneof(text(...ids), text(...ids).map((id) => ({ id })));
const some = (members: Record<string, fc.Arbitrary<unknown>>) => fc.record(members, { requiredKeys: [] });
const reason = () => fc.record({ reason: text("because it must") });
const signal = fc.constant(null).map(() => AbortSignal.timeout(PATIENCE_MS / 2));

/** Something that looks like a run, and was given to no code. */
const outsider = fc.record({ id: text() });

/** What each operation takes, by its types: text that is any text, numbers that are any numbers. */
function typed(name: string): Arguments {
  const written = { ifVersion: number, ifNotLive: fc.boolean() };
  const known: Partial<Record<string, Arguments>> = {
    start: [fc.constant(agent), rubbishValue, some({ invocationId: text("once"), labels: fc.dictionary(rubbishText, rubbishText, { maxKeys: 2 }), budget: some({ capMicroUsd: number, capTokens: number }) })],
    cancelRun: [target(), reason()],
    compensateRun: [target(), reason()],
    redrive: [target(), reason()],
    sendSignal: [target(), text("go"), rubbishValue, some({ idempotencyKey: text("once") })],
    setTimer: [target(), text("nightly"), fc.oneof(fc.record({ kind: text("redrive"), payload: rubbishValue, inMs: number }), fc.record({ kind: text("redrive"), at: number.map((at) => new Date(at)) }))],
    cancelTimer: [target(), text("nightly")],
    setValue: [text("a/b"), text("k"), rubbishValue, some(written)],
    getValue: [text("a/b"), text("k")],
    deleteValue: [text("a/b"), text("k"), some({ ifVersion: number })],
    watchValue: [text("a/b"), text("k"), fc.record({ fromVersion: number, signal })],
    watchJournal: [fc.record({ cursor: rubbishCursor, limit: number, kinds: fc.subarray(["run", "gate"] as const), signal }, { requiredKeys: ["signal"] })],
    getRun: [target()],
    compensationPlan: [target()],
    awaitSignal: [outsider, text("go"), some({ timeoutMs: number })],
    heartbeat: [outsider],
    isCancelled: [outsider],
    listRuns: [some({ filter: some({ status: fc.subarray(["STUCK", "RUNNABLE"]), agent: rubbishText, label: text("a:b"), q: rubbishText, since: text("2026-01-01T00:00:00Z") }), cursor: rubbishCursor, limit: number })],
    readJournal: [target(), some({ fromSeq: number, limit: number })],
  };
  return known[name] ?? [rubbishValue, rubbishValue];
}

/** Options by their names, with anything in them. */
const almostOptions = fc.dictionary(
  fc.constantFrom("reason", "invocationId", "labels", "budget", "capTokens", "idempotencyKey", "kind", "inMs", "at", "payload", "ifVersion", "ifNotLive", "fromVersion", "signal", "cursor", "kinds", "limit", "filter", "fromSeq", "timeoutMs", "id"),
  fc.oneof(rubbishValue, number),
  { maxKeys: 4, noNullPrototype: true },
);

/** Every operation there is: the tape says so itself. What defines things, and what closes it, is no operation. */
const DEFINES = new Set(["agent", "effect", "outboxTool", "gateTool", "connector", "compensator", "addConnector", "onTimer", "use", "store", "close"]);
function operations(): string[] {
  return Object.entries(tape).flatMap(([name, member]) => (typeof member === "function" && !DEFINES.has(name) ? [name] : []));
}

/** What came of a call: an answer, or what was thrown. */
async function outcomeOf(name: string, args: unknown[]): Promise<{ refused: false } | { refused: true; error: unknown }> {
  try {
    const answer = ((tape as unknown as Record<string, Any>)[name]!)(...args);
    if (typeof answer !== "object" || answer === null || !(Symbol.asyncIterator in answer)) {
      await answer;
      return { refused: false };
    }
    const iterator = (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    const first = iterator.next();
    const isSettled = await Promise.race([first.then(() => true), new Promise<false>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS))]);
    if (isSettled) await iterator.return?.();
    else first.catch(() => {});
    return { refused: false };
  } catch (error) {
    return { refused: true, error };
  }
}

/** A refusal of ours, and nothing of the language's own. */
function problemOf(error: unknown): unknown {
  return TapeError.is(error) && error.code !== "internal" && error.code in ERROR_STATUS ? null : error;
}

async function judge(name: string, args: unknown[]): Promise<"accepted" | "refused"> {
  const outcome = await outcomeOf(name, args);
  if (outcome.refused) expect([name, problemOf(outcome.error)]).toEqual([name, null]);
  const now = await readStoredRows(world.store);
  const before = stored;
  stored = now;
  if (outcome.refused || READS.has(name)) expect(now).toEqual(before);
  return outcome.refused ? "refused" : "accepted";
}

/** What was accepted is what the wire says that there can be: others read it by those schemas. */
async function everythingFits(): Promise<void> {
  let found: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Awaited<ReturnType<Tape["listRuns"]>> = await tape.listRuns(cursor === undefined ? {} : { cursor });
    found = [...found, ...page.items.map(({ id }) => id)];
    cursor = page.nextCursor;
  }
  expect(found.length).toBeGreaterThan(ids.length);
  for (const id of found) {
    const run = await tape.getRun(id);
    expect(runSchema.extend({ labels: runLabels }).safeParse(run).error?.issues).toBeUndefined();
    const { items } = await tape.readJournal(id, { limit: 1_000 });
    for (const entry of items) expect([entry, entrySchema.safeParse(entry).error?.issues]).toEqual([entry, undefined]);
  }
}

test("L3 rubbish in every argument of an operation is refused with a code and stores nothing", async () => {
  const judged = { accepted: 0, refused: 0 };
  for (const name of operations()) {
    await fc.assert(
      fc.asyncProperty(fc.tuple(...typed(name)), async (args) => {
        judged[await judge(name, args)]++;
      }),
      rubbishRuns(CASES),
    );
  }
  await everythingFits();
  expect(judged.accepted).toBeGreaterThan(50);
  expect(judged.refused).toBeGreaterThan(100);
}, 120_000);

test.each([
  ["a function", () => 1],
  ["a symbol", Symbol("rubbish")],
  ["nothing, by its own word", { toJSON: () => undefined }],
])("L3 %s as an input or a payload is invalid_input", async (_, value) => {
  const started = await tape.start(agent, value as never).catch((error: unknown) => error);
  const sent = await tape.sendSignal(ids[0]!, "go", value).catch((error: unknown) => error);
  expect([started, sent]).toMatchObject([{ code: "invalid_input" }, { code: "invalid_input" }]);
});

test.each([
  ["options that are none", () => tape.cancelRun(ids[0]!, undefined as never)],
  ["null for options", () => tape.redrive(ids[0]!, null as never)],
  ["no agent", () => tape.start(undefined as never, 1)],
  ["null for the options of a start", () => tape.start(agent, 1, null as never)],
  ["a signal's name that is no text", () => tape.awaitSignal({ id: ids[0]! } as never, 7 as never)],
  ["a heartbeat for nothing", () => tape.heartbeat(0 as never)],
  ["a timer without a time", () => tape.setTimer(ids[0]!, "t", { kind: "redrive", at: new Date(NaN) })],
  ["a value's name that is none", () => tape.getValue(undefined as never, "k")],
])("L3 %s is told by the promise, with a code", async (_, call) => {
  let answer: Promise<unknown> | undefined;
  expect(() => void (answer = call())).not.toThrow();
  await expect(answer).rejects.toMatchObject({ name: "TapeError", code: "invalid_input" });
});

const lost: [string, unknown][] = [
  ["NaN", NaN],
  ["an infinity", { rate: -Infinity }],
  ["a date that is none", [new Date(NaN)]],
  ["undefined", undefined],
  ["undefined in a list", [1, undefined]],
  ["a function", { on: () => 1 }],
  ["a symbol", { a: { b: Symbol("rubbish") } }],
  ["a bigint", { n: 1n }],
  ["a map", new Map([[1, 2]])],
  ["a set", { a: new Set([1]) }],
];
test.each(lost)("a value keeps what it is given or refuses it: %s", async (_, value) => {
  const { version } = await tape.setValue("exact", "k", { was: 1 });
  await expect(tape.setValue("exact", "k", value)).rejects.toMatchObject({ code: "invalid_input" });
  if (value !== undefined) await expect(tape.sendSignal(ids[0]!, "go", value)).rejects.toMatchObject({ code: "invalid_input" });
  if (value !== undefined) await expect(tape.setTimer(ids[0]!, "exact", { kind: "redrive", inMs: 1_000, payload: value })).rejects.toMatchObject({ code: "invalid_input" });
  expect(await tape.getValue("exact", "k")).toEqual({ value: { was: 1 }, version });
});

test("a value may have a date, and members that are undefined", async () => {
  await tape.setValue("exact", "fits", { at: new Date(0), more: undefined, list: [null, -0] });
  expect((await tape.getValue("exact", "fits"))?.value).toEqual({ at: "1970-01-01T00:00:00.000Z", list: [null, 0] });
});

test("L3 what the types forbid stores nothing either, and ends nothing", async () => {
  const anything = (name: string) =>
    typed(name).map((one) => fc.oneof({ weight: 3, arbitrary: one }, { weight: 2, arbitrary: almostOptions }, { weight: 1, arbitrary: rubbishValue }, { weight: 1, arbitrary: fc.constantFrom(undefined, null) }));
  stored = await readStoredRows(world.store);
  for (const name of operations()) {
    await fc.assert(
      fc.asyncProperty(fc.tuple(...anything(name)), async (args) => {
        await judge(name, args);
      }),
      rubbishRuns(CASES),
    );
  }
  expect(await tape.getValue("a/b", "never written")).toBeNull();
}, 120_000);
