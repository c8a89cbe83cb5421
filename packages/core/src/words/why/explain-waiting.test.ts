import { describe, expect, test } from "vitest";
import { whyWaiting } from "../../wire/run.ts";
import { explainWaiting } from "./explain-waiting.ts";
import type { EffectFacts, GateFacts, ObligationFacts, SendingFacts, WhyFacts } from "./facts.ts";

const NOW = "2026-11-24T10:00:00.000Z";
const WORKER = "wrk_01KASV7J00TAPETE000000000B";

const gate: GateFacts = {
  id: "gate_1",
  name: "cfo-approval",
  status: "OPEN",
  title: "Pay 5 vendors 62,242.22 EUR",
  assignees: ["user:chris@acme.example", "role:cfo"],
  quorum: 1,
  approvals: 0,
  deadlineAt: "2026-11-24T17:00:00.000Z",
};
const effect: EffectFacts = { id: "eff_1", tool: "wire", status: "UNKNOWN", summary: "Wire 987.12 EUR to Acme GmbH", createdAt: "2026-11-24T09:58:13.000Z", needsPerson: false, nextCheckAt: "2026-11-24T10:00:04.000Z", sending: null };
const obligation: ObligationFacts = { id: "obl_1", kind: "reverse-wire", status: "PENDING", summary: "Recall 987.12 EUR from Acme GmbH", attempts: 1, lastError: null, nextAttemptAt: null, hasWorker: true };
const lease = { owner: WORKER, expiresAt: "2026-11-24T10:02:00.000Z", silentSince: null };

function facts(some: Partial<WhyFacts>): WhyFacts {
  const nothing = { waits: [], gates: [], effects: [], obligations: [], lease: null, dueAt: null, stuckReason: null, pinned: null, settledAt: null };
  return { status: "RUNNABLE", agent: "pay-batch", now: NOW, workersForAgent: 2, ...nothing, ...some };
}

const pending: EffectFacts = { ...effect, status: "PENDING", nextCheckAt: null };
const sending: SendingFacts = { connector: "bank", hasWorker: true, isInFlight: false, attempt: 1, lastError: null, nextAttemptAt: NOW };
const failing: SendingFacts = { ...sending, attempt: 4, lastError: "connect ECONNREFUSED", nextAttemptAt: "2026-11-24T10:00:08.000Z" };

const onGate = [{ on: "gate", gateId: "gate_1", name: "cfo-approval" }] as const;
const onEffect = [{ on: "effect", effectId: "eff_1", tool: "wire" }] as const;

const cases: [string, Partial<WhyFacts>, string[]][] = [
  ["queued", {}, ["queued: Queued for the next free worker; 2 workers can drive pay-batch"]],
  ["a due time that has passed", { dueAt: "2026-11-24T09:00:00.000Z" }, ["queued: Queued for the next free worker; 2 workers can drive pay-batch"]],
  ["backing off", { dueAt: "2026-11-24T10:05:00.000Z" }, ["backoff: Backs off until 10:05 UTC"]],
  ["no worker", { workersForAgent: 0 }, ["no_worker: No live worker has the agent pay-batch: start one with it in tape.config.ts"]],
  [
    "no worker of its version",
    { pinned: { version: "1.3.0", workers: 0 } },
    ["no_worker_version: No live worker has version 1.3.0 of pay-batch, which the run is pinned to; 2 workers have another version"],
  ],
  ["running", { status: "RUNNING", lease }, ["running: Driven by worker 000B"]],
  ["running a tool", { status: "RUNNING", lease, effects: [{ ...effect, status: "PENDING" }] }, ["running: Worker 000B is at it: Wire 987.12 EUR to Acme GmbH"]],
  [
    "its worker fell silent",
    { status: "RUNNING", lease: { ...lease, silentSince: "2026-11-24T09:59:20.000Z" } },
    ["lease_lost: Worker 000B fell silent 40 s ago; another worker takes over"],
  ],
  [
    "its worker is gone and nobody is there",
    { status: "RUNNING", workersForAgent: 0, lease: { ...lease, silentSince: "2026-11-24T09:59:20.000Z" } },
    ["lease_lost: Worker 000B fell silent 40 s ago", "no_worker: No live worker has the agent pay-batch: start one with it in tape.config.ts"],
  ],
  [
    "its lease expired",
    { status: "RUNNING", lease: { ...lease, expiresAt: "2026-11-24T09:59:50.000Z" } },
    ["lease_lost: Worker 000B lost its lease 10 s ago; another worker takes over"],
  ],
  ["to be sent by the outbox", { status: "WAITING", waits: onEffect, effects: [{ ...pending, sending }] }, ["effect_unsettled: Waits until it is sent and answered: Wire 987.12 EUR to Acme GmbH"]],
  [
    "a connector that no worker has",
    { status: "WAITING", waits: onEffect, effects: [{ ...pending, sending: { ...sending, hasWorker: false } }] },
    ["no_connector: No live worker has the connector bank: start one whose tape.config.ts loads it. To send: Wire 987.12 EUR to Acme GmbH"],
  ],
  [
    "being sent by a worker that has died since",
    { status: "WAITING", waits: onEffect, effects: [{ ...pending, sending: { ...sending, hasWorker: false, isInFlight: true } }] },
    ["effect_unsettled: Waits until it is sent and answered: Wire 987.12 EUR to Acme GmbH"],
  ],
  [
    "a sending that failed",
    { status: "WAITING", waits: onEffect, effects: [{ ...pending, sending: failing }] },
    ["effect_unsettled: Attempt 3 to send it failed (connect ECONNREFUSED), next at 10:00:08 UTC: Wire 987.12 EUR to Acme GmbH"],
  ],
  [
    "sendings that keep failing",
    { status: "WAITING", waits: onEffect, effects: [{ ...pending, needsPerson: true, sending: { ...failing, attempt: 9, nextAttemptAt: NOW } }] },
    ["effect_needs_person: It could not be sent 8 times (connect ECONNREFUSED), the next is due, unless a person settles it: Wire 987.12 EUR to Acme GmbH"],
  ],
  [
    "a gate",
    { status: "WAITING", waits: onGate, gates: [gate] },
    ["gate: Waits for chris@acme.example or role cfo to decide cfo-approval, “Pay 5 vendors 62,242.22 EUR” until 17:00 UTC"],
  ],
  [
    "a gate without words, deadline or assignees, with a quorum",
    { status: "WAITING", waits: onGate, gates: [{ ...gate, title: null, deadlineAt: null, assignees: [], quorum: 3, approvals: 1 }] },
    ["gate: Waits for any approver to decide cfo-approval (1 of 3 approvals)"],
  ],
  ["a gate whose row was not passed", { status: "WAITING", waits: onGate }, ["gate: Waits for a decision on cfo-approval"]],
  [
    "a gate that was decided a moment ago",
    { status: "WAITING", waits: onGate, gates: [{ ...gate, status: "DECIDED" }] },
    ["queued: Queued for the next free worker; 2 workers can drive pay-batch"],
  ],
  [
    "an unknown outcome",
    { status: "WAITING", waits: onEffect, effects: [effect] },
    ["effect_unsettled: No acknowledgement yet, the counterparty is asked at 10:00:04 UTC: Wire 987.12 EUR to Acme GmbH"],
  ],
  [
    "an unknown outcome that only a person can settle",
    { status: "WAITING", waits: onEffect, effects: [{ ...effect, needsPerson: true, nextCheckAt: null }] },
    ["effect_needs_person: Nobody but a person can tell whether this happened: Wire 987.12 EUR to Acme GmbH"],
  ],
  [
    "an outbox effect",
    { status: "WAITING", waits: onEffect, effects: [{ ...effect, status: "PENDING", summary: null }] },
    ["effect_unsettled: Waits until it is sent and answered: wire"],
  ],
  [
    "a race of a signal, a sleep and a gate, the person first",
    {
      status: "WAITING",
      waits: [{ on: "sleep", timerId: "timer_1", until: "2026-11-25T10:00:00.000Z" }, { on: "signal", key: "k", name: "go" }, ...onGate],
      gates: [{ ...gate, deadlineAt: null, title: null }],
    },
    ["gate: Waits for chris@acme.example or role cfo to decide cfo-approval", "signal: Waits for signal “go”", "sleep: Sleeps until 25 Nov, 10:00 UTC"],
  ],
  [
    "the delay of a retry policy, beside a sleep",
    {
      status: "WAITING",
      waits: [
        { on: "sleep", timerId: "timer_1", until: "2026-11-25T10:00:00.000Z" },
        { on: "sleep", timerId: "k/retry/2", until: "2026-11-24T10:05:00.000Z", retries: { effectId: "eff_1", tool: "wire" } },
      ],
    },
    ["backoff: The last try of wire failed: tries again at 10:05 UTC", "sleep: Sleeps until 25 Nov, 10:00 UTC"],
  ],
  ["compensating", { status: "COMPENSATING" }, ["compensating: Undoing what was done, newest first"]],
  ["undoing one", { status: "COMPENSATING", obligations: [obligation] }, ["compensating: Undoing: Recall 987.12 EUR from Acme GmbH"]],
  [
    "undoing again",
    { status: "COMPENSATING", obligations: [{ ...obligation, attempts: 2, lastError: "bank is closed", nextAttemptAt: "2026-11-24T10:00:16.000Z" }] },
    ["compensating: Undoing: Recall 987.12 EUR from Acme GmbH; attempt 2 failed (bank is closed), next at 10:00:16 UTC"],
  ],
  [
    "compensation held up",
    { status: "COMPENSATING", effects: [{ ...effect, needsPerson: true }] },
    ["compensating: Compensation begins once every outcome is known", "effect_needs_person: Nobody but a person can tell whether this happened: Wire 987.12 EUR to Acme GmbH"],
  ],
  [
    "stuck by compensation",
    {
      status: "STUCK",
      obligations: [{ ...obligation, status: "STUCK", lastError: "recall refused" }],
      stuckReason: { code: "compensation", message: "recall refused", obligationId: "obl_1" },
    },
    ["compensation_stuck: Undoing gave up: Recall 987.12 EUR from Acme GmbH (recall refused). Retry it, mark it done, or waive it"],
  ],
  [
    "stuck by nondeterminism",
    { status: "STUCK", stuckReason: { code: "nondeterminism", message: "", recorded: "decision plan", asked: "effect screen" } },
    ["nondeterminism: Stuck: the code asked “effect screen” where the journal has “decision plan”. Deploy code that follows the journal, then drive it again, or cancel it"],
  ],
  [
    "stuck by poison",
    { status: "STUCK", stuckReason: { code: "poison", message: "", redrives: 5 } },
    ["poison: Stuck: driven 5 times without getting on. Read the worker's log, then drive it again or cancel it"],
  ],
  ["cancelling", { status: "CANCELLED", lease }, ["cancelling: Cancelled; worker 000B stops at its next model or tool call"]],
  [
    "cancelling while a tool runs",
    { status: "CANCELLED", lease, effects: [effect, { ...effect, id: "eff_2", status: "PENDING" }] },
    ["cancelling: Cancelled; worker 000B still runs wire since 09:58:13 UTC; it ends when the tool returns"],
  ],
  [
    "cancelling while three tools run, the oldest since yesterday",
    { status: "CANCELLED", lease, effects: ["2026-11-24T09:59:00Z", "2026-11-23T22:01:00Z", "2026-11-24T09:59:30Z"].map((createdAt) => ({ ...effect, status: "PENDING", createdAt })) },
    ["cancelling: Cancelled; worker 000B still runs wire since 23 Nov, 22:01 UTC and 2 more calls; it ends when they return"],
  ],
  [
    "cancelling without a worker",
    { status: "CANCELLED", lease: { ...lease, silentSince: "2026-11-24T09:59:20.000Z" } },
    ["cancelling: Cancelled; worker 000B is gone, recovery settles it"],
  ],
  ["cancelled and settled", { status: "CANCELLED", settledAt: NOW }, []],
  ["completed", { status: "COMPLETED" }, []],
  ["failed", { status: "FAILED" }, []],
  ["compensated", { status: "COMPENSATED" }, []],
];

describe("explainWaiting", () => {
  test.each(cases)("%s", (_name, some, sentences) => {
    const whys = explainWaiting(facts(some));
    expect(whys.map(({ code, sentence }) => `${code}: ${sentence}`)).toEqual(sentences);
    for (const why of whys) expect(whyWaiting.parse(why)).toEqual(why);
  });

  test("says until when, and of what it speaks", () => {
    expect(explainWaiting(facts({ status: "WAITING", waits: onGate, gates: [gate] }))[0]).toMatchObject({ until: gate.deadlineAt, ref: "gate_1" });
    expect(explainWaiting(facts({ status: "RUNNING", lease }))[0]?.ref).toBe(WORKER);
    expect(explainWaiting(facts({ dueAt: new Date("2026-11-24T10:05:00Z") }))[0]?.until).toBe("2026-11-24T10:05:00.000Z");
  });
});
