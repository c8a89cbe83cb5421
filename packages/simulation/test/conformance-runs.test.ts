import type { Happening } from "@tape/core";
import type { DriverRecord, LateOutcomeInput, RegisterWorker, RunCommit, RunEnd, StartOneRun } from "@tape/store";
import { actors } from "@tape/store/testing";
import { afterAll, beforeAll, test, vi } from "vitest";
import { openRealSide, replay, type Line, type RealSide } from "../src/conformance/index.ts";
import { idOf } from "../src/conformance/ids.ts";
import { callOf } from "../src/conformance/verbs.ts";

vi.mock("@tape/core", async (original) => ({ ...(await original<object>()), newId: (await import("../src/conformance/ids.ts")).mintId }));

let real: RealSide;
beforeAll(async () => {
  real = await openRealSide();
});
afterAll(() => real.close());

/** Of the first command, which starts it. */
const RUN = idOf("run", 1, 1);
const NONE = "run_00000000000000000000000000";
const LARGE = "x".repeat(1024 * 1024);
/** What no column holds, and what is too long for a name. */
const UNSTORABLE = ["", "a\0b", "a\ud800b", "x".repeat(201)];
const TTL_MS = 60_000;
const PAY = { app: "bank", agent: "pay", version: null };
const ERROR = { name: "BankClosed", message: "closed until Monday" };

const start = (more: Partial<StartOneRun> = {}): Line => callOf("startRun", { app: "bank", agent: "pay", startedBy: "token:ci", ...more });
const claim = (more: Partial<{ owner: string; limit: number; suspects: boolean; agents: (typeof PAY | { app: string; agent: string; version: string })[] }> = {}): Line =>
  callOf("claimRuns", { owner: "wrk_a", agents: [PAY], limit: 100, ttlMs: TTL_MS, suspects: true, ...more });
const takeOver = (more: Partial<{ owner: string; limit: number; maxRedrives: number; sessionLocks: boolean; driven: string[]; suspects: boolean }> = {}): Line =>
  callOf("takeOverRuns", { owner: "wrk_b", agents: [PAY], limit: 100, ttlMs: TTL_MS, maxRedrives: 3, sessionLocks: true, driven: [], suspects: true, ...more });
const commit = (first: number, records: DriverRecord[], more: Partial<RunCommit> = {}): Line =>
  callOf("commitRuns", [{ runId: RUN, owner: "wrk_a", epoch: 1, first, foreign: 0, ttlMs: TTL_MS, records, ...more }]);
const cancel: Line = callOf("cancelRun", { id: RUN, reason: "wrong file", actor: actors.operator });
const compensate: Line = callOf("compensateRun", { id: RUN, reason: "wrong file", actor: actors.operator });
const redrive: Line = callOf("redriveRun", { id: RUN, reason: "again", actor: actors.operator });
const lease = { runId: RUN, owner: "wrk_a", epoch: 1 };
const leave: Line[] = [callOf("noticeCancel", lease), callOf("noticeCancel", lease), callOf("settleRun", { ...lease, epoch: 2 }), callOf("settleRun", lease), callOf("settleRun", lease)];
const driven: Line[] = [start(), claim()];

const WAITING = { to: "WAITING", waits: [{ on: "signal", key: "k", name: "go" }], inbox: 0, closing: [] } satisfies RunEnd;
const ENDS: RunEnd[] = [
  WAITING,
  { to: "COMPLETED", output: undefined, inbox: 0, closing: [] },
  { to: "FAILED", error: ERROR, inbox: 0, closing: [] },
  { to: "STUCK", reason: { code: "nondeterminism", message: "m", recorded: "a", asked: "b" }, inbox: null, closing: [] },
  { to: "RUNNABLE", reason: "backoff", inMs: 0, inbox: null, closing: [] },
];

const sampled: DriverRecord = { happening: { kind: "run", verb: "sampled", payload: { key: "k", name: "now", fingerprint: "", value: 1 } } };

function effect(place: number, shape: object = {}) {
  const [effectId, key] = [idOf("eff", 1, place), `${RUN}//d0/wire/${place}`];
  const asked = { tool: "wire", request: { to: "acme" }, fingerprint: "f", semantics: "IDEMPOTENT", dispatch: "INLINE", ...shape };
  const says = (verb: string, payload: object = {}, beside: Partial<DriverRecord> = {}): DriverRecord => ({
    happening: { kind: "effect", verb, payload: { effectId, key, ...(verb === "intended" && asked), ...payload } } as Happening,
    ...beside,
  });
  return { effectId, key, says };
}

test("what a run may be started with, one by one and many at once", async () => {
  const odd: Partial<StartOneRun>[] = [
    ...UNSTORABLE.flatMap((text): Partial<StartOneRun>[] => [{ app: text }, { agent: text }, { startedBy: text }, { invocationId: text }, { pinVersion: text }, { idempotencyKey: text }]),
    { invocationId: NONE },
    ...[{ "a:b": "x" }, { "": "x" }, { ["x".repeat(65)]: "x" }, { a: "x".repeat(257) }, { a: "\0" }, { a: "\ud800" }, { "\udc00": "x" }, { a: 1 as unknown as string }].map((labels): Partial<StartOneRun> => ({ labels: labels as Record<string, string> })),
    ...[{ capMicroUsd: 0 }, { capMicroUsd: -1 }, { capTokens: 1.5 }, { capTokens: 2 ** 60 }].map((budget) => ({ budget })),
    ...[LARGE, NaN, 1n, () => 1].map((input) => ({ input })),
  ];
  const good: Partial<StartOneRun>[] = [
    { labels: { ["x".repeat(64)]: "", b: "x".repeat(256) }, budget: { capMicroUsd: 1, capTokens: 2 ** 50 }, pinVersion: "2", parentRunId: RUN },
    { input: "\0 and \ud800", invocationId: "x".repeat(200), startedBy: "cli:root@host" },
    { input: null },
  ];
  await replay(real, [
    ...[...odd, ...good].map((each) => start(each)),
    callOf("startRuns", [...odd, ...good].map((each) => ({ app: "bank", agent: "pay", startedBy: "token:ci", ...each }))),
  ]);
});

test("the same invocation, or the same key, is one run; another request under it is none", async () => {
  const many = [
    { invocationId: "monday" }, { invocationId: "monday" }, { invocationId: "monday", input: 1 }, { invocationId: "monday", agent: "batch" }, { invocationId: "monday", app: "shop", input: 1 },
    { invocationId: "monday", labels: { a: "b" }, startedBy: "token:other" }, { idempotencyKey: "k" }, { idempotencyKey: "k" }, { idempotencyKey: "k", input: 1 }, { idempotencyKey: "k", app: "shop" },
    { idempotencyKey: "k", startedBy: "token:other" }, { idempotencyKey: "k", invocationId: "monday" }, { idempotencyKey: "k", invocationId: "tuesday" }, { idempotencyKey: "bad", agent: "" }, { idempotencyKey: "bad" },
  ];
  await replay(real, [
    callOf("startRuns", [{ input: 2 }, {}, { input: 2 }].map((each) => ({ app: "bank", agent: "pay", startedBy: "token:ci", invocationId: "monday", ...each }))),
    ...many.map((each) => start(each)),
    callOf("startRuns", many.map((each) => ({ app: "bank", agent: "pay", startedBy: "token:ci", ...each }))),
  ]);
});

test("what is due is claimed by whoever has its agent in its version, the longest due first", async () => {
  const [first, second] = [1, 2].map((place) => ({ ...lease, runId: idOf("run", place, 1), first: 0, foreign: 0, ttlMs: TTL_MS, records: [] }));
  const back = (commits: RunCommit[], inMs: number): Line => callOf("commitRuns", commits.map((each) => ({ ...each, end: { to: "RUNNABLE", reason: "backoff", inMs, inbox: null, closing: [] } })));
  await replay(real, [
    ...[start(), start(), claim(), back([first!], 2_000), back([second!], 1_000)],
    ...[{ at: 999 }, claim(), { at: 1_000 }, claim({ limit: 0 }), claim({ agents: [] }), claim({ agents: [{ ...PAY, app: "shop" }] }), claim({ limit: 1 }), { at: 5_000 }],
    ...[start({ pinVersion: "2" }), claim({ limit: 1, suspects: false }), claim(), claim({ agents: [{ ...PAY, version: "1" }] }), claim({ owner: "wrk_b", agents: [{ ...PAY, version: "2" }] })],
  ]);
});

test("a driver that says anything again, out of turn or under another lease is answered alike, wherever the run is", { timeout: 120_000 }, async () => {
  const arrives: Line = callOf("sendSignal", { runId: RUN, name: "go", by: "test" });
  const places: Record<string, Line[]> = {
    queued: [start()],
    driven: [],
    arrived: [arrives],
    ...Object.fromEntries(ENDS.map((end) => [end.to, [commit(0, [sampled, sampled], { end })]])),
    "put off": [arrives, commit(0, [sampled, sampled], { end: WAITING })],
    woken: [commit(0, [sampled], { end: WAITING }), arrives],
    cancelled: [commit(0, [sampled]), cancel],
    "cancelled and compensated": [commit(0, [sampled]), cancel, compensate],
    left: [commit(0, [sampled]), cancel, ...leave],
    "left to be compensated": [commit(0, [sampled]), cancel, compensate, ...leave],
    "taken over": [commit(0, [sampled]), { at: TTL_MS }, takeOver()],
  };
  for (const [where, lines] of Object.entries(places)) {
    const says = [[], [sampled], [sampled, sampled]].flatMap((records) =>
      [undefined, WAITING].flatMap((end) => [2, 1, 3, 0].flatMap((first) => [{ owner: "wrk_b" }, { epoch: 2 }, { epoch: 0 }, {}].map((holder) => commit(first, records, { ...holder, ...(end && { end }) })))),
    );
    await replay(real, where === "queued" ? [...lines, ...says] : [...driven, ...lines, ...says]);
  }
});

test("a lease is renewed by a commit when a third of it is gone, and by whoever holds it at any time", async () => {
  const renew = (runs: { runId: string; epoch: number }[], owner = "wrk_a"): Line => callOf("renewLeases", { owner, runs, ttlMs: TTL_MS });
  const everyone = [renew([lease]), renew([lease], "wrk_b"), renew([{ ...lease, epoch: 2 }, { runId: NONE, epoch: 1 }, { runId: "x", epoch: 1 }]), renew([])];
  await replay(real, [
    ...[...driven, { at: 19_979 }, commit(0, [sampled]), { at: 19_980 }, commit(1, []), { at: 19_981 }, commit(1, []), { at: 30_000 }, ...everyone],
    ...[{ at: 200_000 }, commit(1, [sampled]), cancel, ...everyone, compensate, ...everyone, ...leave, ...everyone],
  ]);
});

test("a worker is dead after so long, by what it says and by its session; what it held is taken, settled and undone", async () => {
  const register = (id: string, lockKey: number | null, more: Partial<RegisterWorker> = {}): Line => callOf("registerWorker", { id, host: "here", pid: 7, lockKey, agents: [], tools: [], ...more });
  const loaded = { ...PAY, pinned: false, title: null, inputSchema: null };
  const look = [callOf("listWorkers", undefined as never), callOf("beatWorker", { id: "wrk_none", running: 1 })];
  for (const sessionLocks of [true, false]) {
    for (const silentMs of [1_499, 1_500, 1_501, 9_999, 10_000, 10_001]) {
      await replay(real, [
        ...[start(), { at: 1 }, start(), { at: 2 }, start(), register("wrk_s", 77), register("wrk_n", null, { agents: [loaded, { ...loaded, version: "2" }], tools: [{ app: "bank", tool: "unwire", can: "compensate" }] })],
        ...[claim({ owner: "wrk_s", limit: 1 }), claim({ owner: "wrk_n", limit: 1 }), claim({ owner: "wrk_unknown", limit: 1 })],
        ...[callOf("beatWorker", { id: "wrk_s", running: 2, stopping: true }), callOf("beatWorker", { id: "wrk_n", running: 1 }), { at: 2 + silentMs }, ...look],
        ...[takeOver({ sessionLocks, owner: "wrk_n" }), takeOver({ sessionLocks }), callOf("forgetDeadWorkers", { silentMs: 9_999 }), ...look, register("wrk_s", null), ...look],
        ...[callOf("leaveWorker", { id: "wrk_s" }), callOf("leaveWorker", { id: "wrk_s" }), { at: 700_000 }, callOf("forgetDeadWorkers", {}), ...look],
      ]);
      await replay(real, [...[start(), register("wrk_a", 77), claim(), cancel, { at: silentMs }], callOf("settleAbandonedRuns", { limit: 1, sessionLocks }), callOf("settleAbandonedRuns", { limit: 1, sessionLocks })]);
    }
  }
});

test("drives that were lost are counted: by what they brought, by whose they were, until a run is STUCK", async () => {
  const runs = [1, 2, 3, 4].map((place) => idOf("run", place, 1));
  const got = (runId: string, owner: string, epoch: number): Line => commit(0, [effect(1).says("delivered")], { runId, owner, epoch });
  await replay(real, [
    ...[start(), start(), start(), start(), claim(), got(runs[0]!, "wrk_a", 1), { at: TTL_MS }],
    // Of one owner, none of which got on but the first.
    ...[takeOver({ suspects: false }), takeOver({ limit: 1 }), takeOver({ limit: 1 }), takeOver({ limit: 1 })],
    ...[{ at: 2 * TTL_MS }, got(runs[1]!, "wrk_b", 2), takeOver({ limit: 2, maxRedrives: 2 }), takeOver({ maxRedrives: 2 }), takeOver({ maxRedrives: 1 })],
    // Its own, of which it does not know.
    ...[{ at: 2 * TTL_MS + 5_000 }, takeOver({ driven: [runs[0]!] }), { at: 2 * TTL_MS + 5_001 }, takeOver({ driven: [runs[0]!] }), { at: 2 * TTL_MS + 10_002 }, takeOver({ owner: "wrk_c" }), takeOver()],
    ...[{ at: 4 * TTL_MS }, takeOver({ maxRedrives: 0 }), redrive, claim({ suspects: false }), claim()],
  ]);
});

test("what is PENDING when nobody drives the run any more gets the truth, and an outcome that comes late is taken, kept beside or nothing new", { timeout: 120_000 }, async () => {
  const shapes: [object, Partial<DriverRecord>][] = [
    [{}, { compensator: "unwire" }], [{ semantics: "OBSERVE_ONLY" }, {}], [{ dispatch: "OUTBOX" }, { connector: "swift" }], [{}, {}],
  ];
  const effects = shapes.map(([shape, beside], place) => ({ ...effect(place + 1, shape), beside }));
  const [inline, read, outbox, retried] = effects as [(typeof effects)[0], (typeof effects)[0], (typeof effects)[0], (typeof effects)[0]];
  const begin = commit(0, effects.map(({ says, beside }) => says("intended", {}, beside)));
  const outcomes: LateOutcomeInput["outcome"][] = [
    { status: "unknown", reason: "lost", checkable: false, error: ERROR }, { status: "failed", error: ERROR }, { status: "failed", error: { ...ERROR, message: "no" }, reason: "cancelled" },
    { status: "confirmed", result: undefined, summary: "\0", externalRef: "\ud800" }, { status: "confirmed", result: { a: 1 }, notStorable: "why" }, { status: "failed", error: ERROR },
  ];
  const reports = (held: boolean): Line[] =>
    [inline, read, outbox].flatMap(({ effectId, key }) => [...outcomes, ...outcomes].map((outcome) => callOf("recordLateOutcome", { runId: RUN, effectId, key, outcome, ...(held && { lease }) })));
  const failed = { attempt: 1, error: ERROR, retryInMs: 30_000 };
  const places: Line[][] = [
    [],
    [cancel],
    [cancel, compensate],
    [cancel, ...leave],
    [commit(4, [retried.says("attempt_failed", failed), inline.says("attempt_failed", failed)]), commit(6, [inline.says("resumed", { attempt: 5 })], { end: WAITING }), cancel],
    [commit(4, [retried.says("attempt_failed", failed)]), cancel, ...leave, compensate],
    [commit(4, [], { end: ENDS[1]! }), compensate],
    [commit(4, [inline.says("confirmed", { by: "driver", result: { a: 1 }, externalRef: "\0" }, { obligation: { id: idOf("obl", 1, 1), compensator: "unwire", payload: "{}", summary: "\ud800" } })])],
    [commit(4, [inline.says("failed", { by: "driver", error: ERROR }), read.says("confirmed", { by: "driver", result: 1 })])],
    [commit(4, [inline.says("unknown", { reason: "lost" }, { checkable: true }), read.says("unknown", { reason: "lost" })], { end: ENDS[2]! })],
  ];
  for (const lines of places) for (const held of [true, false]) await replay(real, [...driven, begin, ...lines, ...reports(held)]);
});

test("what decisions cost and set aside, and what is capped, in whatever order one commit says it", async () => {
  const usage = { inputTokens: 6, outputTokens: 4, costMicroUsd: 40 };
  const answered = (key: string, more: object = { usage }): DriverRecord => ({ happening: { kind: "decision", verb: "answered", payload: { key, index: 1, response: 1, durationMs: 1, ...more } } });
  const budget = (verb: string, key: string, payload: object, beside: Partial<DriverRecord> = {}): DriverRecord => ({ happening: { kind: "budget", verb, payload: { key, ...payload } } as Happening, ...beside });
  await replay(real, [
    ...driven,
    commit(0, [budget("reserved", "a", { microUsd: 70, tokens: 25, cap: { microUsd: 100 } }), budget("reserved", "b", { microUsd: 1, tokens: 2 })]),
    commit(2, [budget("settled", "a", { microUsd: 45, tokens: 10 }, { reservation: { microUsd: 70, tokens: 25 } }), answered("a"), answered("b"), answered("c", {}), answered("d", { usage: { inputTokens: 1, outputTokens: 2 } })]),
    commit(7, [budget("raised", "b", { gateId: "g", by: "user:ann", added: { microUsd: 5, tokens: 0 }, cap: { tokens: 7 } }), budget("settled", "b", { microUsd: 9, tokens: 9 }), budget("reserved", "e", { microUsd: 0, tokens: 0, cap: { microUsd: 5, tokens: 6 } })]),
    callOf("readForDriver", { runId: RUN, fromSeq: 0 }),
  ]);
});

test("what a driver opens is due by the clock of its commit, closes with its run, and gives its key to what is asked instead", async () => {
  const [gateId, other] = [idOf("gate", 1, 1), idOf("gate", 1, 2)];
  const opened = (id: string, more: Partial<DriverRecord> = {}): DriverRecord => {
    const payload = { gateId: id, name: "cfo", key: "k", occurrence: 1, payload: 1, form: null, risk: null, display: null, assignees: ["user:a\0"], quorum: 1, fingerprint: "f", deadlineAt: null };
    return { happening: { kind: "gate", verb: "opened", payload }, ...more };
  };
  const armed = (timerId: string, inMs: number, more: object = {}): DriverRecord => ({ happening: { kind: "timer", verb: "armed", payload: { timerId, kind: "wake", fireAt: "", ...more } }, due: { field: "fireAt", inMs } });
  const closes: DriverRecord[] = [
    { happening: { kind: "gate", verb: "cancelled", payload: { gateId, name: "cfo", reason: "payload_changed" } } },
    { happening: { kind: "timer", verb: "cancelled", payload: { timerId: "t", kind: "wake" } } },
  ];
  const begin = [...driven, { at: 7 }, commit(0, [opened(gateId, { due: { field: "deadlineAt", inMs: 5 }, allowSelf: false }), { ...armed(gateId, 5, { kind: "gate_timeout" }), ref: gateId }, armed("t", 9, { key: "\0", payload: "\ud800" })])];
  const decide = callOf("decideGate", { id: gateId, outcome: "approved", fingerprint: "f", actor: actors.admin });
  for (const before of [[], [decide], [{ at: 12 }, callOf("fireDueTimers", {})]] as Line[][]) {
    await replay(real, [...begin, ...before, commit(3, [...closes, opened(other)]), commit(6, closes), commit(8, [], { end: { ...ENDS[1]!, inbox: null, closing: closes } as RunEnd })]);
    await replay(real, [...begin, ...before, cancel, ...leave]);
  }
});

test("a journal and a run are read from where it is asked, and what is no run is none", async () => {
  const odd = [-1, 0.5, 2 ** 31].map((fromSeq) => callOf("readJournal", { runId: RUN, fromSeq }));
  const reads = (runId: string) => [
    ...[{}, { fromSeq: 1 }, { fromSeq: 2, limit: 1 }, { fromSeq: 9 }, { limit: 0 }, { limit: -4 }, { limit: 2.9 }, { limit: 5_000 }].map((more) => callOf("readJournal", { runId, ...more })),
    ...[callOf("getRun", { id: runId }), callOf("readForDriver", { runId, fromSeq: 2 }), callOf("readForDriver", { runId, fromSeq: 0 })],
    ...[callOf("cancelRun", { id: runId, reason: "", actor: actors.operator }), callOf("redriveRun", { id: runId, reason: "x", actor: actors.viewer }), callOf("redriveRun", { id: runId, reason: "x", actor: actors.operator })],
    ...[callOf("settleRun", { ...lease, runId }), callOf("noticeCancel", { ...lease, runId }), callOf("unparkRun", { ...lease, runId })],
  ];
  await replay(real, [...driven, commit(0, [sampled, sampled]), ...odd, ...reads(RUN), ...reads(NONE), ...reads("x"), ...reads("")]);
});
