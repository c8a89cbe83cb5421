import type { GateForm } from "@tape/core";
import type { Actor, DriverRecord } from "@tape/store";
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
const token: Actor = { id: "token:ci", email: null, role: "operator" };

const started: Line[] = [
  callOf("startRun", { app: "bank", agent: "pay", startedBy: actors.approver.id }),
  callOf("claimRuns", { owner: "wrk_a", agents: [{ app: "bank", agent: "pay", version: null }], limit: 10, ttlMs: 60_000, suspects: true }),
];

function says(first: number, ...records: DriverRecord[]): Line {
  return callOf("commitRuns", [{ runId: RUN, owner: "wrk_a", epoch: 1, first, foreign: 0, ttlMs: 60_000, records }]);
}

function opens(id: string, { form = null, assignees = [], quorum = 1, allowSelf = true }: { form?: GateForm | null; assignees?: string[]; quorum?: number; allowSelf?: boolean }): DriverRecord {
  const payload = { gateId: id, name: id, key: `${RUN}//d0/${id}/1`, occurrence: 1, payload: { total: 12 }, form, risk: "high", display: null, assignees, quorum, fingerprint: "shown", deadlineAt: null } as const;
  return { happening: { kind: "gate", verb: "opened", payload: { ...payload, assignees } }, allowSelf };
}

const gateId = (place: number) => idOf("gate", 3, place);

test("a form takes from a person what fits it, field by field", async () => {
  const form: GateForm = [
    { name: "note", label: "Note", type: "text", required: false },
    { name: "why", label: "Why", type: "textarea", required: true },
    { name: "limit", label: "Limit", type: "number", required: false },
    { name: "urgent", label: "Urgent", type: "boolean", required: true },
    { name: "bank", label: "Bank", type: "select", required: false, options: ["A", "B"] },
    { name: "on", label: "On", type: "date", required: false },
  ];
  const fits = { why: "so", urgent: false };
  const odd: (Record<string, unknown> | undefined)[] = [
    undefined, {}, { why: "", urgent: true }, { why: null, urgent: true }, { ...fits, urgent: "false" }, { ...fits, note: 5 }, { ...fits, limit: "5" }, { ...fits, limit: NaN }, { ...fits, bank: "C" },
    { ...fits, bank: 1 }, { ...fits, on: "2026-02-30" }, { ...fits, on: "2026-2-3" }, { ...fits, on: "2026-12-31T00:00:00Z" }, { ...fits, other: 1 }, { ...fits, why: LARGE },
  ];
  const good = [fits, { ...fits, note: "", limit: 0, bank: "B", on: "2028-02-29" }];
  const decide = (place: number, values: Record<string, unknown> | undefined): Line => callOf("decideGate", { id: gateId(place), outcome: "approved", fingerprint: "shown", actor: actors.approver, ...(values && { values }) });
  await replay(real, [
    ...started,
    says(0, opens(gateId(1), { form }), opens(gateId(2), { form }), opens(gateId(3), {}), opens(gateId(4), { form: [] })),
    ...odd.map((values) => decide(1, values)),
    ...good.map((values, place) => decide(place + 1, values)),
    ...[3, 4].flatMap((place) => [decide(place, { limit: 1 }), decide(place, {})]),
  ]);
});

test("who may decide and extend: by role, by address, by the line of those who started it", async () => {
  const { viewer, approver, secondApprover, operator, admin } = actors;
  const people: Actor[] = [viewer, approver, secondApprover, operator, admin, { ...token, role: "approver" }, { id: "cli:root@host", email: "ANN@example.com", role: "approver" }];
  const lists = [[], ["role:approver"], ["role:OPERATOR"], ["user:Ann@Example.com"], ["user:nobody@example.com", "role:admin"], ["role:nobody"]];
  const shapes = lists.map((assignees, place) => ({ assignees, quorum: 9, allowSelf: place % 2 === 1 }));
  const everyone = (place: number): Line[] =>
    people.flatMap((actor) => [
      callOf("extendGate", { id: gateId(place), forMs: 1_000, reason: "more time", actor }),
      callOf("decideGate", { id: gateId(place), outcome: "approved", fingerprint: "shown", actor }),
    ]);
  await replay(real, [...started, says(0, ...shapes.map((shape, place) => opens(gateId(place), shape))), ...shapes.flatMap((_, place) => everyone(place))]);
});

test("a child is its parents' for whoever may not approve their own", async () => {
  const child = idOf("run", 2, 1);
  const commit: Line = callOf("commitRuns", [{ runId: child, owner: "wrk_a", epoch: 1, first: 0, foreign: 0, ttlMs: 60_000, records: [opens(gateId(1), { allowSelf: false }), opens(gateId(2), { allowSelf: false })] }]);
  const decide = (place: number, outcome: "approved" | "rejected", actor: Actor): Line => callOf("decideGate", { id: gateId(place), outcome, fingerprint: "shown", actor });
  await replay(real, [
    callOf("startRun", { app: "bank", agent: "pay", startedBy: actors.approver.id }),
    callOf("startRun", { app: "bank", agent: "pay", startedBy: `run:${RUN}`, parentRunId: RUN }),
    started[1]!,
    commit,
    decide(1, "approved", actors.approver),
    decide(1, "rejected", actors.approver),
    decide(2, "approved", actors.secondApprover),
  ]);
});

test("what cannot be decided or extended", async () => {
  const decide = { outcome: "rejected", fingerprint: "shown", actor: actors.approver } as const;
  const extend = { forMs: 1_000, reason: "more time", actor: actors.approver };
  await replay(real, [
    ...started,
    says(0, opens(gateId(1), {}), opens(gateId(2), {})),
    ...[gateId(9), "gate_1", "a\0b", ""].flatMap((id) => [callOf("decideGate", { ...decide, id }), callOf("extendGate", { ...extend, id }), callOf("getGate", { id })]),
    ...["x".repeat(4_001), "a\0b", "a\ud800b"].map((comment) => callOf("decideGate", { ...decide, id: gateId(1), comment })),
    ...[0, 1.5, -1, 4e10, NaN].map((forMs) => callOf("extendGate", { ...extend, id: gateId(1), forMs })),
    ...["", "  ", "a\0b", "x".repeat(2_001)].map((reason) => callOf("extendGate", { ...extend, id: gateId(1), reason })),
    callOf("extendGate", { ...extend, id: gateId(1), reason: " at last " }),
    callOf("decideGate", { ...decide, id: gateId(1), comment: "" }),
    callOf("cancelRun", { id: RUN, reason: "enough", actor: actors.operator }),
    callOf("decideGate", { ...decide, id: gateId(2) }),
    callOf("extendGate", { ...extend, id: gateId(2) }),
  ]);
});

test("what is a signal", async () => {
  const send = (more: object): Line => callOf("sendSignal", { runId: RUN, name: "go", by: "sdk:test", ...more });
  const once = (more: object) => send({ idempotencyKey: "conformance-people", payload: { n: 1 }, ...more });
  await replay(real, [
    ...started,
    ...UNSTORABLE.flatMap((text) => [send({ name: text }), send({ by: text }), send({ idempotencyKey: text })]),
    ...["gate.x", "gate.", "gate", "Gate.x"].map((name) => send({ name })),
    ...[undefined, null, "a\0b\ud800", [], NaN, LARGE, 10n, () => 1].flatMap((payload, place) => [send({ payload }), send({ payload, idempotencyKey: `odd-${place}` })]),
    ...[NONE, "run_1", "", "a\0b"].map((runId) => send({ runId })),
    ...[once({}), once({}), once({ payload: { n: 2 } }), once({ by: "sdk:other" }), once({ runId: NONE, idempotencyKey: "fresh" }), once({ idempotencyKey: "fresh" })],
    ...[actors.viewer, token].map((actor) => send({ actor })),
    callOf("cancelRun", { id: RUN, reason: "enough", actor: actors.operator }),
    ...[send({}), once({})],
  ]);
});

test("what is a timer, and when it is due", async () => {
  const set = (more: object): Line => callOf("setTimer", { runId: RUN, id: "t", kind: "remind", by: "sdk:test", inMs: 10, ...more });
  const at = (fireAt: string) => set({ inMs: undefined, fireAt });
  const next = callOf("nextTimerAt", { kinds: ["remind"] });
  const look = callOf("getTimer", { runId: RUN, id: "t" });
  const claim = callOf("claimTimers", { owner: "wrk_a", kinds: [{ app: "bank", kind: "remind" }], limit: 10 });
  await replay(real, [
    ...started,
    ...UNSTORABLE.flatMap((text) => [set({ id: text }), set({ kind: text }), set({ by: text }), callOf("cancelTimer", { runId: RUN, id: text, by: "x" }), callOf("getTimer", { runId: RUN, id: text })]),
    ...["wake", "gate_timeout", "signal_timeout"].map((kind) => set({ kind })),
    ...["gate_x", `${RUN}/x`, `${NONE}/x`, "run_1"].map((id) => set({ id })),
    ...[-1, NaN, Infinity, 3.3e12, undefined].map((inMs) => set({ inMs })),
    ...["tomorrow", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+01:00", "2026-13-01T00:00:00Z"].map(at),
    ...["2026-01-01T00:00:00.250Z", "2031-05-06T07:08:09Z", "1999-01-01T00:00:00Z"].flatMap((text) => [at(text), next, look]),
    ...[0, 0.4, 1.5, 3.2e12].flatMap((inMs) => [set({ inMs }), next, look]),
    ...[null, "a\0b\ud800", [1], LARGE, 10n].flatMap((payload) => [set({ payload }), look]),
    ...[NONE, "run_1"].flatMap((runId) => [set({ runId }), callOf("cancelTimer", { runId, id: "t", by: "x" }), callOf("getTimer", { runId, id: "t" })]),
    ...[actors.approver, actors.operator, token].flatMap((actor) => [set({ actor }), callOf("cancelTimer", { runId: RUN, id: "t", by: "x", actor })]),
    set({ inMs: 0.5 }),
    claim,
    { at: 1 },
    claim,
    next,
    ...["a\0b\ud800", "x".repeat(2_001)].map((error) => callOf("timerFailed", { runId: RUN, id: "t", claim: "wrk_other/rec_0", error })),
    callOf("claimTimers", { owner: "wrk_a", kinds: [], limit: 10 }),
    callOf("timersHandled", []),
  ]);
});

test("what a value is called, and what it holds", async () => {
  const set = (more: object): Line => callOf("setValue", { namespace: "shop/1", key: "price", writer: "sdk:test", value: 1, ...more });
  const remove = (more: object): Line => callOf("deleteValue", { namespace: "shop/1", key: "price", writer: "sdk:test", ...more });
  const read = (more: object): Line[] => [
    callOf("getValue", { namespace: "shop/1", key: "price", ...more }),
    callOf("valueHistory", { namespace: "shop/1", key: "price", ...more }),
    callOf("readVersions", { namespace: "shop/1", key: "price", after: 0, limit: 5, ...more }),
  ];
  const names = [...UNSTORABLE, "a\nb", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "a b", "a/b c", "é/🎉"];
  await replay(real, [
    ...started,
    ...names.flatMap((namespace) => [set({ namespace }), remove({ namespace }), ...read({ namespace })]),
    ...names.flatMap((key) => [set({ key }), remove({ key }), ...read({ key })]),
    ...UNSTORABLE.map((text) => set({ writer: text })),
    ...[...UNSTORABLE.slice(0, 3), "x".repeat(2_001), "x".repeat(2_000)].map((step) => set({ step })),
    ...[undefined, null, NaN, 10n, () => 1, "a\0b\ud800", LARGE, { a: undefined }].flatMap((value) => [set({ value }), ...read({})]),
    ...[-1, 0.5, NaN, 0, 5, 2 ** 53].map((ifVersion) => set({ ifVersion })),
    ...[actors.viewer, actors.approver, actors.operator, token].flatMap((actor) => [set({ actor }), remove({ actor }), remove({ actor })]),
    ...[0, -1, 1.9, 500].flatMap((limit) => [callOf("valueHistory", { namespace: "shop/1", key: "price", limit }), callOf("valueHistory", { namespace: "shop/1", key: "price", limit, beforeVersion: 4 })]),
    ...[0, 1, 3, 99].flatMap((after) => [1, 3].map((limit) => callOf("readVersions", { namespace: "shop/1", key: "price", after, limit }))),
  ]);
});

test("a run's progress, by its driver and by others", async () => {
  const fence = { runId: RUN, owner: "wrk_a", epoch: 1 };
  const say = (value: unknown, more: object = {}): Line => callOf("setValue", { namespace: `runs/${RUN}`, key: "progress", writer: `run:${RUN}`, value, fence, ...more });
  const labels = ["a\0b", "a\ud800", '\\u0000 "x" \\', "a\nb"];
  const backwards = { done: 1, total: 10 };
  await replay(real, [
    ...started,
    ...labels.flatMap((label) => [say({ done: 5, total: 10, label }), say(backwards)]),
    ...[{ done: 5 }, { done: "5", total: 10 }, { done: 5, total: "10" }, [5, 10], "text", null, { done: 5.5, total: 10, more: 1 }, { done: 5, total: 10, label: 3 }].flatMap((value) => [say(value), say(backwards), say({ done: 0, total: 10 })]),
    ...[say({ done: 9, total: 10 }), say(backwards, { fence: undefined }), say({ done: 9, total: 10 }), say(backwards, { key: "other" }), say(backwards, { fence: { ...fence, epoch: 2 } }), say(backwards, { ifVersion: 1 })],
    callOf("deleteValue", { namespace: `runs/${RUN}`, key: "progress", writer: "x", fence }),
    say(backwards),
    callOf("cancelRun", { id: RUN, reason: "enough", actor: actors.operator }),
    ...[say(backwards), say({ done: 2, total: 10 }, { fence: { runId: NONE, owner: "wrk_a", epoch: 1 } })],
  ]);
});
