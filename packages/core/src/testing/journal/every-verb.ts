import type { EntryKind, Entry } from "../../entry/index.ts";
import { JournalBuilder, type PayloadOf, type VerbOf } from "./builder.ts";
import { batchDisplay, batchPayload, CFO, WORKER_A, WORKER_B } from "./steps.ts";
import { payments } from "./payments.ts";
import { at, testFingerprint, testId } from "../fixed.ts";

type Samples = { [K in EntryKind]: { [V in VerbOf<K>]: PayloadOf<K, V> } };

const run = testId("run", 1);
const effect = { effectId: testId("eff", 1), key: `${run}//d1/wire/1` };
const obligation = { obligationId: testId("obl", 1), effectId: effect.effectId };
const gate = { gateId: testId("gate", 1), name: "cfo-approval" };
const timer = { timerId: testId("timer", 1), kind: "wake" };
const valueStep = { key: `${run}//d1/setValue/1`, fingerprint: testFingerprint("value"), namespace: `runs/${run}`, valueKey: "progress" };
const error = { name: "Error", message: "insufficient funds", code: "insufficient_funds" };
const rows = payments(2);

/** One payload of every verb of every kind. A new verb does not compile until it is here. */
const samples: Samples = {
  run: {
    started: { agent: "pay-batch", version: "1.4.0", invocationId: "batch-1", input: {}, labels: {}, startedBy: "user:ann@acme.example" },
    claimed: { owner: WORKER_B, epoch: 2, version: "1.4.0", taken: "stale", previousOwner: WORKER_A },
    parked: { waits: [{ on: "gate", ...gate }, { on: "signal", key: "k", name: "go" }] },
    released: { reason: "backoff", dueAt: at(60_000) },
    completed: { output: { paid: 2 } },
    failed: { error },
    stuck: { reason: { code: "poison", message: "5 drives ended with a lost lease", redrives: 5 } },
    cancelled: { reason: "wrong file", by: CFO, settled: false },
    cancel_noticed: { owner: WORKER_A },
    settled: { by: WORKER_A },
    redriven: { by: CFO, reason: "the bank is back" },
    compensating: { by: CFO, reason: "duplicate batch" },
    walk_claimed: { owner: WORKER_A, epoch: 2, previousOwner: null },
    walk_released: { reason: "compensator_missing" },
    compensated: {},
    sampled: { key: `${run}//d0/now/1`, name: "now", fingerprint: testFingerprint("now"), value: at(0) },
    child: { key: `${run}//d0/start/1`, fingerprint: testFingerprint("child"), runId: testId("run", 2), agent: "screen-vendor", resumed: false },
  },
  decision: {
    asked: { key: `${run}//d0/plan/1`, index: 1, name: "plan", model: "claude-sonnet-4-5", request: {}, fingerprint: testFingerprint("plan"), attempt: 2 },
    answered: { key: `${run}//d0/plan/1`, index: 1, response: { pay: "all" }, usage: { inputTokens: 10, outputTokens: 2 }, rationale: "All are known.", durationMs: 900 },
    failed: { key: `${run}//d0/plan/1`, index: 1, error, durationMs: 900 },
  },
  effect: {
    intended: { ...effect, tool: "wire", request: rows[0], fingerprint: testFingerprint("wire"), semantics: "IDEMPOTENT", dispatch: "INLINE" },
    attempt_failed: { ...effect, attempt: 1, error, retryInMs: 1000 },
    resumed: { ...effect, attempt: 2 },
    confirmed: { ...effect, by: "person", actor: CFO, reason: "seen on the statement", result: {}, summary: "Wired 1,240.00 EUR to Acme GmbH" },
    failed: { ...effect, by: "driver", error },
    unknown: { ...effect, reason: "the connection closed" },
    retried: { ...effect, by: "person", actor: CFO, reason: "absent at the bank" },
    observed: { ...effect, observation: "absent", checks: 3, nextCheckAt: null },
    delivered: effect,
    conflict: { ...effect, outcome: "failed", result: null, standing: "CONFIRMED", by: "late" },
    late_failure: { ...effect, error },
    in_flight: { ...effect, claim: "c1" },
  },
  obligation: {
    registered: { ...obligation, compensator: "reverse-wire", reason: "confirmed" },
    armed: obligation,
    compensated: { ...obligation, by: "worker:reverse-wire" },
    attempt_failed: { ...obligation, attempt: 1, error, nextAttemptAt: at(1000) },
    stuck: { ...obligation, error },
    retried: { ...obligation, by: CFO, reason: "the bank is back" },
    waived: { ...obligation, by: CFO, reason: "the vendor keeps it" },
  },
  gate: {
    opened: {
      ...gate,
      key: `${run}//d1/cfo-approval/1`,
      occurrence: 1,
      payload: batchPayload(rows),
      form: null,
      risk: "high",
      display: batchDisplay(rows),
      assignees: [],
      quorum: 1,
      fingerprint: testFingerprint("gate"),
      deadlineAt: at(60_000),
    },
    voted: { ...gate, outcome: "approved", by: CFO, comment: null },
    decided: { ...gate, outcome: "approved", values: null, comment: "fine", decidedBy: CFO, decidedAt: at(5000), fingerprint: testFingerprint("gate") },
    timed_out: { ...gate, decidedAt: at(60_000) },
    cancelled: { ...gate, reason: "payload_changed" },
    extended: { ...gate, deadlineAt: at(120_000), by: CFO, reason: "the bank opens late" },
    delivered: { ...gate, key: `${run}//d1/cfo-approval/1` },
  },
  signal: {
    awaited: { key: "s", name: "go", deadlineAt: at(60_000) },
    received: { signalId: testId("sig", 1), name: "go", payload: { to: "Acme GmbH" }, by: "token:shop" },
    delivered: { key: "s", signalId: testId("sig", 1), name: "go" },
    timed_out: { key: "s", name: "go" },
    timeout_delivered: { key: "s", name: "go" },
    sent: { key: "t", fingerprint: testFingerprint("sent"), toRunId: testId("run", 2), name: "go", signalId: testId("sig", 2) },
  },
  timer: {
    armed: { ...timer, key: "z", fireAt: at(60_000) },
    fired: timer,
    attempt_failed: { ...timer, kind: "deadline", attempt: 1, error: "handler threw", nextAttemptAt: at(61_000) },
    cancelled: timer,
    delivered: { timerId: timer.timerId, key: "z" },
  },
  value: {
    written: { ...valueStep, version: 3 },
    deleted: { ...valueStep, version: 4 },
    read: { ...valueStep, version: null, value: null },
  },
  budget: {
    reserved: { key: `${run}//d0/plan/1`, microUsd: 30_000, tokens: 6000 },
    settled: { key: `${run}//d0/plan/1`, microUsd: 16_056, tokens: 3800 },
    exceeded: { key: `${run}//d0/plan/2`, cap: { tokens: 10_000 }, spent: { microUsd: 41_000, tokens: 10_400 } },
    raised: { key: `${run}//d0/plan/3`, gateId: "gate_1", by: "user:ann@acme.example", added: { microUsd: 0, tokens: 5000 }, cap: { tokens: 15_000 } },
  },
};

/** A journal with one entry of every verb: not a story, but nothing is missing. */
export function everyVerb(): Entry[] {
  const journal = new JournalBuilder(run);
  for (const [kind, verbs] of Object.entries(samples)) {
    for (const [verb, payload] of Object.entries(verbs)) add(journal.after(10), kind, verb, payload);
  }
  return journal.entries;
}

// `Samples` has checked that kinds, verbs and payloads belong together; iterating over its keys forgets it.
function add(journal: JournalBuilder, kind: string, verb: string, payload: unknown): void {
  (journal.add as (kind: string, verb: string, payload: unknown) => void).call(journal, kind, verb, payload);
}
