import type { RunEnd } from "@tape/store";
import { actors } from "@tape/store/testing";
import type { EffectRow, Model, ObligationRow, RunRow } from "../model/index.ts";
import { AGENTS, APP, COMPENSATORS } from "./command/context.ts";
import { callOf, type Call } from "./verbs.ts";

const ERROR = { name: "BankClosed", message: "closed until Monday" };
const OWNER = "wrk_a";
const reason = "tried";
const actor = actors.operator;

/** What looks after all of it, again and again. */
const REACTORS: readonly Call[] = [
  callOf("settleAbandonedRuns", { limit: 10, sessionLocks: true }),
  callOf("takeOverRuns", { owner: OWNER, agents: AGENTS, limit: 10, ttlMs: 60_000, maxRedrives: 5, sessionLocks: true, driven: [], suspects: true }),
  callOf("recoverOutbox", { limit: 10, sessionLocks: true }),
  callOf("claimEffectsToCheck", { owner: OWNER, limit: 10, tools: [{ app: APP, tool: "wire" }], agents: [] }),
  callOf("claimDuplicates", { ...{ owner: OWNER }, compensators: COMPENSATORS, limit: 10 }),
  callOf("claimTimers", { owner: OWNER, kinds: [{ app: APP, kind: "remind" }], limit: 10 }),
  callOf("claimWalks", { owner: OWNER, compensators: COMPENSATORS, limit: 10, ttlMs: 60_000, sessionLocks: true, driven: [] }),
];

/** Every event of every machine, tried on everything there is. */
export function everythingTried(model: Model): Call[] {
  return [
    ...[...model.timers.values()].flatMap(({ runId, id }) => [
      callOf("setTimer", { runId, id, kind: "remind", inMs: 0, by: "run:tested" }),
      callOf("cancelTimer", { runId, id, by: "run:tested" }),
      callOf("timerHandled", { runId, id, claim: "wrk_other/rec_0" }),
    ]),
    callOf("setValue", { namespace: "shop", key: "price", value: 2, writer: "sdk:tested" }),
    callOf("deleteValue", { namespace: "shop", key: "price", writer: "sdk:tested" }),
    ...[...model.gates.values()].flatMap(({ id, runId, name, fingerprint }) => [
      callOf("decideGate", { id, outcome: "approved", fingerprint, actor: actors.approver }),
      withdraws(model.runs.get(runId)!, id, name),
    ]),
    ...[...model.effects.values()].flatMap((effect) => onEffect(effect)),
    ...[...model.obligations.values()].flatMap((obligation) => onObligation(model.runs.get(obligation.runId)!, obligation)),
    callOf("fireDueTimers", {}),
    callOf("claimRuns", { owner: OWNER, agents: AGENTS, limit: 10, ttlMs: 60_000, suspects: true }),
    ...[...model.runs.values()].flatMap((run) => onRun(run)),
    ...REACTORS,
  ];
}

function underItsLease(run: RunRow) {
  return { runId: run.id, owner: run.owner ?? OWNER, epoch: run.epoch };
}

function onRun(run: RunRow): Call[] {
  const { id } = run;
  const ends: RunEnd[] = [
    { to: "WAITING", inbox: run.inbox, closing: [], waits: [{ on: "signal", key: "k", name: "go" }] },
    { to: "COMPLETED", inbox: run.inbox, closing: [], output: null },
    { to: "FAILED", inbox: run.inbox, closing: [], error: ERROR },
    { to: "STUCK", inbox: null, closing: [], reason: { code: "nondeterminism", message: "", recorded: null, asked: null } },
    { to: "RUNNABLE", inbox: null, closing: [], reason: "stopping", inMs: 0 },
  ];
  return [
    ...ends.map((end) => callOf("commitRuns", [{ ...underItsLease(run), first: run.recorded, foreign: run.foreignOutcomes, ttlMs: 60_000, records: [], end }])),
    callOf("releaseWalk", underItsLease(run)),
    callOf("nextReversal", { ...underItsLease(run), compensators: ["unwire", "unpay"] }),
    callOf("unparkRun", underItsLease(run)),
    callOf("sendSignal", { runId: id, name: "go", by: actor.id }),
    callOf("redriveRun", { id, reason, actor }),
    callOf("cancelRun", { id, reason, actor }),
    callOf("compensateRun", { id, reason, actor }),
  ];
}

function onEffect({ id, runId, key, dispatch, claim }: EffectRow): Call[] {
  const said =
    dispatch === "INLINE"
      ? [
          callOf("recordLateOutcome", { runId, effectId: id, key, outcome: { status: "unknown", reason: "late", checkable: true } }),
          callOf("recordLateOutcome", { runId, effectId: id, key, outcome: { status: "failed", error: ERROR } }),
          callOf("recordLateOutcome", { runId, effectId: id, key, outcome: { status: "confirmed", result: { ref: 8 } } }),
        ]
      : [callOf("recordDispatch", { effectId: id, claim: claim ?? "wrk_other/rec_0", result: { status: "confirmed", result: { ref: 8 } } })];
  return [...(["confirmed", "failed", "retry"] as const).map((outcome) => callOf("resolveEffect", { id, outcome, reason, actor })), ...said];
}

function onObligation(run: RunRow, { id, reason: why, attempts, claim: held }: ObligationRow): Call[] {
  const outcomes = [{ status: "compensated" as const }, { status: "failed" as const, error: ERROR, isFinal: true }];
  const resolved = (["done", "retry", "waived"] as const).map((outcome) => callOf("resolveObligation", { id, outcome, reason, actor }));
  if (why !== "duplicate") return [...resolved, ...outcomes.map((outcome) => callOf("recordReversal", { ...underItsLease(run), obligationId: id, attempt: attempts + 1, outcome }))];
  const claim = held ?? "wrk_other/rec_0";
  return [...resolved, ...outcomes.map((outcome) => callOf("recordDuplicate", { obligationId: id, claim, attempt: attempts + 1, owner: OWNER, outcome }))];
}

function withdraws(run: RunRow, gateId: string, name: string): Call {
  const records = [{ happening: { kind: "gate" as const, verb: "cancelled" as const, payload: { gateId, name, reason: "payload_changed" as const } } }];
  return callOf("commitRuns", [{ ...underItsLease(run), first: run.recorded, foreign: run.foreignOutcomes, ttlMs: 60_000, records }]);
}
