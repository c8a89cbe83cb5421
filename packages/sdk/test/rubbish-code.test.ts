import { entrySchema, ERROR_STATUS, TapeError, type Entry } from "@tape/core";
import { rubbishRuns, rubbishText, rubbishValue } from "@tape/core/testing/rubbish";
import fc from "fast-check";
import { z } from "zod";
import { expect, test } from "vitest";
import * as everything from "../src/index.ts";
import { createTape, currentRun, defineConnector, replayJournal, type Run, type Tape } from "../src/index.ts";

// What is called while things are defined, and in agent code: the database is not reached.

const sdk: Record<string, unknown> = { ...everything };
type Any = (...args: never[]) => unknown;
type Arguments = fc.Arbitrary<unknown>[];

const code = async () => null;
const connector = defineConnector({ name: "bank", dispatch: () => ({ status: "confirmed" }), observe: () => ({ status: "absent" }) });
const gate = createTape({ app: "other" }).gateTool("cfo");
const number = fc.constantFrom<unknown>(0, 1, -1, 0.5, NaN, Infinity, 1e300, 2 ** 53, 60_000);
const anything = fc.oneof(rubbishValue, number);
const nameArgument = fc.oneof({ weight: 3, arbitrary: fc.uuid().map((id) => `t-${id}`) }, { weight: 1, arbitrary: rubbishText });
const codeArgument = fc.constant(code);

/** Members that fit beside members that do not. */
function options(fitting: Record<string, unknown>): fc.Arbitrary<unknown> {
  const members = Object.fromEntries(Object.entries(fitting).map(([name, value]) => [name, fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: anything })]));
  return fc.record(members, { requiredKeys: [] });
}

const effectOptions = options({ semantics: "IDEMPOTENT", retry: { attempts: 3, jitter: 0.5 }, statusCheck: code, summary: () => "says", compensate: { name: "undo", run: code }, autoHeartbeat: true, maxRuntimeMs: 1_000, gate });
const outboxOptions = options({ connector, semantics: "NON_IDEMPOTENT", businessKey: () => "key", statusCheck: code, compensate: code, gate, waitForResult: false });
const gateOptions = options({ timeoutMs: 60_000, assignees: ["role:operator"], quorum: 2, form: [{ name: "n", label: "N", type: "number" }], risk: "low", display: () => ({ title: "T" }), onReject: "return", onTimeout: "return" });
const agentOptions = options({ title: "Pay", version: "1", pinVersion: true, input: z.object({ n: z.number() }), budget: { capTokens: 1, onExceeded: gate } });
const connectorOptions = options({ name: "bank", dispatch: code, observe: code, compensate: code, concurrency: 2, perSecond: 3, timeoutMs: 1_000 });
const httpOptions = options({ name: "bank", url: "https://bank.example.com", headers: { a: "b" }, timeoutMs: 1_000, observe: { url: "https://x.example.com" }, compensate: "https://x.example.com" });
const sinkOptions = options({ id: "hook", url: "https://hook.example.com", secret: "a secret of sixteen and more", kinds: ["run"], batch: 2, timeoutMs: 1_000 });
const context = options({ runId: "run_1", id: "run_1", key: "k", businessKey: "b", externalRef: null, heartbeat: code, isCancelled: code });
const started: Entry = { runId: "run_01ARZ3NDEKTSV4RRFFQ69G5FAV", seq: 1, kind: "run", verb: "started", at: "2026-01-01T00:00:00.000Z", payload: { agent: "a", version: null, invocationId: "i", input: null, labels: {}, startedBy: "sdk:test" } };

/** What defines things on a tape. */
const DEFINES: Record<string, Arguments> = {
  agent: [nameArgument, agentOptions, codeArgument],
  effect: [nameArgument, effectOptions, codeArgument],
  outboxTool: [nameArgument, outboxOptions, codeArgument],
  gateTool: [nameArgument, gateOptions],
  addConnector: [fc.constant(connector)],
  onTimer: [nameArgument, codeArgument],
  use: [anything],
};

/** Functions of the package. What is missing here is a class, or in {@link INNER}. */
const EXPORTED: Record<string, Arguments> = {
  createTape: [options({ app: "test", databaseUrl: "postgres://nobody@127.0.0.1:1/none" })],
  defineConfig: [options({ tape: createTape({ app: "test" }), agents: [], connectors: [connector], sinks: [{ id: "one", deliver: code }], retention: { runsAfterMs: 1 } })],
  defineConnector: [connectorOptions],
  httpConnector: [httpOptions],
  webhookSink: [sinkOptions],
  eventIdOf: [options({ runId: "run_1", seq: 1 })],
  verifySignature: [options({ secret: "s", header: "t=1,v1=00", body: "b", now: 1, toleranceMs: 1 })],
  replayJournal: [fc.constant(createTape({ app: "test" }).agent("a", code)), fc.constantFrom<unknown>([], [started])],
  businessKey: [context],
  externalRef: [context],
  idempotencyKey: [context],
  runIdOf: [context],
  heartbeat: [context],
  isCancelled: [context],
  awaitSignal: [context, rubbishText, options({ timeoutMs: 1 })],
  now: [context],
  random: [context],
  uuid: [context],
  sample: [context, codeArgument],
};
/** For workers: what they give is typed and made by us. */
const INNER = new Set(["storeJournal", "obligationBy", "toRecorded", "currentRun"]);

const orAnything = (args: Arguments): fc.Arbitrary<unknown[]> =>
  fc.tuple(...args.map((one) => fc.oneof({ weight: 8, arbitrary: one }, { weight: 1, arbitrary: anything }, { weight: 1, arbitrary: fc.constantFrom(undefined, null) })));

/** What a call was refused with; undefined when it was not. */
async function refusalOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

function isOurs(error: unknown): boolean {
  const code = TapeError.is(error) || error instanceof everything.StepFailed ? error.code : undefined;
  return code !== undefined && code !== "internal" && code in ERROR_STATUS;
}

async function throwAt(name: string, args: Arguments, call: (given: unknown[]) => unknown, cases: number): Promise<{ accepted: number; refused: number }> {
  const judged = { accepted: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(orAnything(args), async (given) => {
      const refusal = await refusalOf(() => call(given));
      judged[refusal === undefined ? "accepted" : "refused"]++;
      if (refusal !== undefined) expect([name, isOurs(refusal) || refusal]).toEqual([name, true]);
    }),
    rubbishRuns(cases),
  );
  return judged;
}

test("every function of the package, and of a tape, is named here", () => {
  const isClass = (member: unknown) => /^class\b/.test(String(member));
  const functions = Object.entries(sdk).flatMap(([name, member]) => (typeof member === "function" && !isClass(member) && !INNER.has(name) ? [name] : []));
  expect(functions.toSorted()).toEqual(Object.keys(EXPORTED).toSorted());
  const tape = createTape({ app: "test" });
  const defines = Object.entries(tape).flatMap(([name, member]) => (typeof member === "function" ? [name] : []));
  expect(defines).toEqual(expect.arrayContaining(Object.keys(DEFINES)));
});

test.each(Object.entries(DEFINES))("L3 rubbish given to tape.%s is refused with a code", async (name, args) => {
  const { refused } = await throwAt(name, args, (given) => (createTape({ app: "test" })[name as keyof Tape] as Any)(...(given as never[])), 150);
  expect(refused).toBeGreaterThan(5);
});

test.each(Object.entries(EXPORTED))("L3 rubbish given to %s is refused with a code", async (name, args) => {
  await throwAt(name, args, (given) => (sdk[name] as Any)(...(given as never[])), 100);
});

/** What agent code is given, and may ask. */
const tape = createTape({ app: "test" });
const tools = {
  effect: tape.effect("wire", code),
  gated: tape.effect("gated", { gate }, code),
  outbox: tape.outboxTool("pay", { connector, businessKey: ({ n }: { n: string }) => n }, (input) => input),
  gate: tape.gateTool<{ total: string }>("ask", { display: ({ total }) => ({ title: total }), risk: (payload) => payload as never }),
};
const decideRequest = options({ model: "m", request: { n: 1 }, read: () => ({}), estimate: { tokens: 1 } });
const withRun = (call: Any) => (run: Run, given: unknown[]) => call(run as never, ...(given as never[]));
const ofRun = (name: keyof Run) => (run: Run, given: unknown[]) => (run[name] as Any)(...(given as never[]));
const ofTape = (name: keyof Tape) => (run: Run, given: unknown[]) => (tape[name] as Any)(...(given as never[]));
const reason = options({ reason: "because" });
const target = fc.constantFrom<unknown>("run_01ARZ3NDEKTSV4RRFFQ69G5FAV", { id: "run_01ARZ3NDEKTSV4RRFFQ69G5FAV" });

const IN_CODE: Record<string, [(run: Run, given: unknown[]) => unknown, Arguments]> = {
  "run.decide": [ofRun("decide"), [nameArgument, decideRequest, codeArgument]],
  "run.effect": [ofRun("effect"), [nameArgument, anything, codeArgument, effectOptions]],
  "run.sleep": [ofRun("sleep"), [fc.oneof(number, fc.constantFrom(new Date(0), new Date(NaN)))]],
  "run.scope": [ofRun("scope"), [nameArgument, codeArgument]],
  "run.beginEffect": [ofRun("beginEffect"), [nameArgument, anything, options({ semantics: "OBSERVE_ONLY", summary: () => "s" })]],
  "run.beginDecision": [ofRun("beginDecision"), [nameArgument, decideRequest]],
  effect: [withRun(tools.effect), [anything]],
  "an effect with a gate": [withRun(tools.gated), [anything]],
  "an outbox tool": [withRun(tools.outbox), [anything]],
  "a gate": [withRun(tools.gate), [anything]],
  awaitSignal: [withRun(everything.awaitSignal), [nameArgument, options({ timeoutMs: 1_000 })]],
  sample: [withRun(everything.sample), [codeArgument]],
  start: [ofTape("start"), [fc.constant(tape.agent("child", code)), anything, options({ invocationId: "i", labels: { a: "b" }, budget: { capTokens: 1 } })]],
  cancelRun: [ofTape("cancelRun"), [target, reason]],
  compensateRun: [ofTape("compensateRun"), [target, reason]],
  redrive: [ofTape("redrive"), [target, reason]],
  sendSignal: [ofTape("sendSignal"), [target, nameArgument, anything, options({ idempotencyKey: "once" })]],
  setTimer: [ofTape("setTimer"), [target, nameArgument, options({ kind: "redrive", inMs: 1, payload: 1 })]],
  cancelTimer: [ofTape("cancelTimer"), [target, nameArgument]],
  setValue: [ofTape("setValue"), [nameArgument, nameArgument, anything, options({ ifVersion: 1, ifNotLive: true })]],
  getValue: [ofTape("getValue"), [nameArgument, nameArgument]],
  deleteValue: [ofTape("deleteValue"), [nameArgument, nameArgument, options({ ifVersion: 1 })]],
  watchValue: [ofTape("watchValue"), [nameArgument, nameArgument, options({ fromVersion: 1 })]],
  watchJournal: [ofTape("watchJournal"), [options({ cursor: "start" })]],
  getRun: [ofTape("getRun"), [target]],
  listRuns: [ofTape("listRuns"), [options({ filter: { q: "x" }, limit: 3, cursor: "c" })]],
  readJournal: [ofTape("readJournal"), [target, options({ fromSeq: 0, limit: 3 })]],
  compensationPlan: [ofTape("compensationPlan"), [target]],
};

test.each(Object.entries(IN_CODE))("L3 rubbish that agent code gives %s is refused with a code, and what is asked fits the journal", async (name, [call, args]) => {
  const judged = await throwAt(
    name,
    args,
    async (given) => {
      let refusal: unknown;
      const agent = tape.agent(`a-${crypto.randomUUID()}`, async (run) => {
        expect(currentRun()).toBe(run);
        refusal = await refusalOf(() => call(run, given));
      });
      const { asks } = await replayJournal(agent, [started]);
      // The deadline of what is due is the commit's to write.
      for (const { happening, due } of asks) {
        if (!due) expect([name, happening, entrySchema.safeParse({ ...happening, runId: started.runId, seq: 2, at: started.at }).error?.issues]).toEqual([name, happening, undefined]);
      }
      return refusal === undefined ? undefined : Promise.reject(refusal as Error);
    },
    40,
  );
  // A run does not watch; whatever the payload of this gate is, a card can be made of little of it.
  if (!["watchValue", "watchJournal", "a gate"].includes(name)) expect(judged.accepted).toBeGreaterThan(0);
});
