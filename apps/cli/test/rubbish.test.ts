import { Command } from "commander";
import { RUN_STATUSES } from "@tape/core";
import { rubbishCursor, rubbishJsonText, rubbishRuns, rubbishText } from "@tape/core/testing/rubbish";
import { actors, makeEffect, makeGate, makeObligation, makeRun, makeTimer, openTestStore, readStoredRows, type StoredRows, type TestStore } from "@tape/store/testing";
import { setValue } from "@tape/store";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addCommands } from "../src/commands/index.ts";
import { createContext } from "../src/context.ts";
import { readEnv } from "../src/env.ts";
import { processTerminal } from "../src/print/terminal.ts";
import { NOWHERE, spawnTape, tape, type Ended } from "./testing/tape.ts";

/** Commands that go on until they are stopped, or start processes: rubbish that fits would keep them. */
const GO_ON = new Set(["dev", "worker", "demo", "tail", "values watch"]);
/** So does waiting for a run that nobody drives. */
const WAITS = "--wait";
const CASES_PER_COMMAND = 6;
/** How a command may end; 70, our own fault, is not among them. */
const ENDS = [0, 1, 2, 64, 69, 77];

let store: TestStore;
let stored: StoredRows;
let ids: string[];
beforeAll(async () => {
  store = await openTestStore();
  const runs = await Promise.all(RUN_STATUSES.map((status) => makeRun(store, { status, ...(status.startsWith("COMPENSAT") && { endedAs: "COMPLETED" as const }) })));
  const runId = runs[0]!.id;
  const gate = await makeGate(store, runId);
  const effect = await makeEffect(store, runId);
  const obligation = await makeObligation(store, runId, { status: "STUCK" });
  await makeTimer(store, runId, { id: "nightly", kind: "redrive", inMs: 3_600_000 });
  await setValue(store, { namespace: "a/b", key: "k", value: 1, writer: actors.operator.id, actor: actors.operator });
  ids = [...runs.map(({ id }) => id), gate.id, effect.id, obligation.id, "nightly", "a/b", "k", gate.fingerprint];
  stored = await readStoredRows(store);
});
afterAll(() => store.close());

interface Described {
  words: string[];
  command: Command;
}

/** Every command there is: the program says so itself. */
function commands(): Described[] {
  const program = new Command("tape").enablePositionalOptions();
  addCommands(program, createContext(readEnv(NOWHERE), processTerminal(NOWHERE)));
  const leaves = (command: Command, words: string[]): Described[] => {
    const below = command.commands.flatMap((one) => leaves(one, [...words, one.name()]));
    const isGroup = command.registeredArguments.length === 0 && command.commands.length > 0;
    return words.length === 0 || isGroup ? below : [{ words, command }, ...below];
  };
  return leaves(program, []).filter(({ words }) => !GO_ON.has(words.join(" ")));
}

/** One word of a command line: what exists, what fits somewhere, what fits nowhere. */
const word = (): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 4, arbitrary: fc.constantFrom(...ids) },
      { weight: 3, arbitrary: rubbishText },
      { weight: 1, arbitrary: rubbishJsonText },
      { weight: 1, arbitrary: rubbishCursor },
      { weight: 2, arbitrary: fc.constantFrom("1", "10m", "1h", "2099-01-01T00:00:00Z", "a=b", "RUNNABLE", "OPEN", "redrive", "{}", "[1]", "@/nonexistent", "@/", "@", "effect", "obligation", "confirmed", "because") },
    )
    // Would be read from a terminal.
    .filter((text) => text !== "-" && !text.startsWith("@-"));

function lineOf({ words, command }: Described): fc.Arbitrary<string[]> {
  const options = command.options.filter(({ long }) => long !== WAITS);
  const given = options.map((option) => {
    const value = option.argChoices ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...option.argChoices) }, { weight: 1, arbitrary: word() }) : word();
    const flag = option.long ?? option.short ?? "";
    const asked = option.required || option.optional ? value.map((text) => [flag, text]) : fc.constant([flag]);
    return fc.oneof({ weight: option.mandatory ? 6 : 1, arbitrary: asked }, { weight: 1, arbitrary: fc.constant<string[]>([]) });
  });
  const args = command.registeredArguments.map((argument) => fc.oneof({ weight: argument.required ? 9 : 2, arbitrary: word().map((text) => [text]) }, { weight: 1, arbitrary: fc.constant<string[]>([]) }));
  const extra = fc.oneof({ weight: 9, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: fc.constantFrom(["--nope"], ["--"], ["extra", "words"], ["--json", "--json"], ["--limit"], ["--__proto__", "x"]) });
  return fc.tuple(fc.tuple(...args), fc.tuple(...given), extra).map(([positions, flags, more]) => [...words, ...positions.flat(), ...flags.flat(), ...more]);
}

/** Says what is wrong with how a command ended; null when nothing is. */
function problemOf(args: string[], { code, out, err }: Ended): string | null {
  if (code === null || !ENDS.includes(code)) return `ended with ${code}: ${err}`;
  if (code >= 64 && (out !== "" || !/^tape: [^\n]+\n$/.test(err))) return `${code} is said in more than one line, or not at all: ${JSON.stringify({ out, err })}`;
  if (/^\s+at .*\.ts/m.test(err)) return `shows where in the code: ${err}`;
  if (code !== 0 || !args.includes("--json") || out === "") return null;
  try {
    JSON.parse(out);
    return null;
  } catch {
    return `--json that is none: ${out.slice(0, 200)}`;
  }
}

test("L3 rubbish on every command line ends with a code and a line, and stores nothing unless it ends with 0", async () => {
  const ended = new Map<number, number>();
  for (const described of commands()) {
    await fc.assert(
      fc.asyncProperty(lineOf(described), async (args) => {
        const end = await tape({ DATABASE_URL: store.database.url }, ...args);
        expect(problemOf(args, end)).toBeNull();
        const now = await readStoredRows(store);
        const before = stored;
        stored = now;
        if (end.code !== 0) expect(now).toEqual(before);
        ended.set(end.code!, (ended.get(end.code!) ?? 0) + 1);
      }),
      rubbishRuns(CASES_PER_COMMAND),
    );
  }
  for (const code of [0, 1, 64]) expect([code, ended.get(code) ?? 0]).toEqual([code, expect.not.toBeOneOf([0])]);
}, 120_000);

test("L3 commands that go on end at once on what is not there", async () => {
  await fc.assert(
    fc.asyncProperty(rubbishText.filter((text) => !text.startsWith("-")), async (text) => {
      for (const args of [["tail", text, "--from", "x"], ["tail", `run_${text}`], ["values", "watch", text, "k", "--from", text === "0" ? "x" : `-${text}`]]) {
        const end = await tape({ DATABASE_URL: store.database.url }, ...args);
        expect([args, problemOf(args, end), end.code]).toEqual([args, null, expect.not.toBeOneOf([0])]);
      }
    }),
    rubbishRuns(20),
  );
  expect(await readStoredRows(store)).toEqual(stored);
}, 60_000);

test("L3 rubbish in the environment is said in one line", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("DATABASE_URL", "TAPE_URL", "TAPE_TOKEN", "PORT", "HOST", "TAPE_DIR", "TAPE_LOG"), rubbishText.filter((text) => text !== ""), async (name, value) => {
      const end = await tape({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none", ...(name === "TAPE_TOKEN" && { TAPE_URL: "http://127.0.0.1:1" }), [name]: value }, "gates");
      expect([problemOf([], end), end.code]).toEqual([null, expect.toBeOneOf([1, 64, 69, 77])]);
    }),
    rubbishRuns(60),
  );
}, 60_000);

test.each([
  ["DATABASE_URL", "gate_", 69, "tape: DATABASE_URL cannot be read: it is like postgres://user:password@host:5432/database.\n"],
  ["TAPE_TOKEN", "tape_é", 64, "tape: TAPE_TOKEN is not a token: tape token create prints one.\n"],
  ["TAPE_TOKEN", "\ud800", 64, "tape: TAPE_TOKEN is not a token: tape token create prints one.\n"],
])("L3 %s=%j ends with %i and says what it should be", async (name, value, code, err) => {
  expect(await tape({ TAPE_URL: name === "TAPE_TOKEN" ? "http://127.0.0.1:1" : "", [name]: value }, "gates")).toEqual({ code, out: "", err });
});

test("L3 in a process of its own the same rubbish ends the same", async () => {
  const lines = [["inspect", "\ud800"], ["values", "set", "__proto__", "constructor", '{"__proto__":1']];
  const ends = await Promise.all(lines.map((args) => spawnTape({ variables: { DATABASE_URL: store.database.url } }, ...args)));
  ends.forEach((end, n) => expect([problemOf(lines[n]!, end), end.code]).toEqual([null, expect.toBeOneOf([1, 64])]));
  expect(await readStoredRows(store)).toEqual(stored);
}, 60_000);
