import type { Dispatch, Semantics } from "@tape/core";
import type { RunCommit, RunEnd } from "@tape/store";
import { actors } from "@tape/store/testing";
import type { RunRow } from "../../model/index.ts";
import { AGENTS, APP, COMPENSATORS, CONNECTOR, newIdOf, type Context, type Make } from "../command/context.ts";
import { callOf } from "../verbs.ts";

/** Plain acts on the first run of a history, all by one worker. */
const OWNER = "wrk_a";
const ERROR = { name: "BankClosed", message: "closed until Monday" };
const REASON = "wrong file";
const { operator } = actors;

const firstRun = ({ model }: Context): RunRow => [...model.runs.values()][0]!;
const inboxOf = (context: Context) => firstRun(context).inbox;
const lastOf = <Row>(rows: ReadonlyMap<string, Row>): Row => [...rows.values()].at(-1)!;

export const start: Make = () => callOf("startRun", { app: APP, agent: "pay", startedBy: operator.id });
export const claim: Make = () => callOf("claimRuns", { owner: OWNER, agents: AGENTS, limit: 10, ttlMs: 60_000, suspects: true });

function commit(records: (context: Context) => RunCommit["records"], end?: (context: Context) => RunEnd): Make {
  return (context) => {
    const run = firstRun(context);
    return callOf("commitRuns", [
      { runId: run.id, owner: OWNER, epoch: run.epoch, first: run.recorded, foreign: run.foreignOutcomes, ttlMs: 60_000, records: records(context), ...(end && { end: end(context) }) },
    ]);
  };
}

function intend(tool: { tool: string; semantics: Semantics; dispatch: Dispatch; compensator?: string }): Make {
  return commit((context) => {
    const key = `${firstRun(context).id}//d0/${tool.tool}/${context.number}`;
    const { compensator, ...asked } = tool;
    const payload = { effectId: newIdOf(context, "eff"), key, ...asked, request: { to: "acme" }, fingerprint: "f" };
    return [{ happening: { kind: "effect", verb: "intended", payload }, ...(compensator !== undefined && { compensator }), ...(tool.dispatch === "OUTBOX" && { connector: CONNECTOR }) }];
  });
}

export const wire = intend({ tool: "wire", semantics: "IDEMPOTENT", dispatch: "INLINE", compensator: "unwire" });
export const look = intend({ tool: "look", semantics: "OBSERVE_ONLY", dispatch: "INLINE" });
export const noteOut = intend({ tool: "note", semantics: "NON_IDEMPOTENT", dispatch: "OUTBOX" });
export const wireOut = intend({ tool: "wire", semantics: "IDEMPOTENT", dispatch: "OUTBOX", compensator: "unwire" });
export const pay = intend({ tool: "pay", semantics: "NON_IDEMPOTENT", dispatch: "OUTBOX", compensator: "unpay" });

export const confirm: Make = commit((context) => {
  const { id: effectId, key } = lastOf(context.model.effects);
  const obligation = { id: newIdOf(context, "obl"), compensator: "unwire", payload: JSON.stringify({ input: { to: "acme" }, result: { ref: 7 } }) };
  return [{ happening: { kind: "effect", verb: "confirmed", payload: { effectId, key, by: "driver", result: { ref: 7 } } }, obligation }];
});

export const fail: Make = commit((context) => {
  const { id: effectId, key } = lastOf(context.model.effects);
  return [{ happening: { kind: "effect", verb: "failed", payload: { effectId, key, by: "driver", error: ERROR } } }];
});

export const lose: Make = commit((context) => {
  const { id: effectId, key } = lastOf(context.model.effects);
  return [{ happening: { kind: "effect", verb: "unknown", payload: { effectId, key, reason: "the line went dead" } }, checkable: true }];
});

export const openGate: Make = commit((context) => {
  const gateId = newIdOf(context, "gate");
  const key = `${firstRun(context).id}//d0/cfo/1`;
  const opened = { gateId, name: "cfo", key, occurrence: 1, payload: null, form: null, risk: null, display: null, assignees: [], quorum: 1, fingerprint: "shown", deadlineAt: null };
  return [
    { happening: { kind: "gate", verb: "opened", payload: opened }, due: { field: "deadlineAt", inMs: 5_000 } },
    { happening: { kind: "timer", verb: "armed", payload: { timerId: gateId, kind: "gate_timeout", fireAt: "" } }, due: { field: "fireAt", inMs: 5_000 }, ref: gateId },
  ];
});

/** Its last try has failed, and the run is parked until the next. */
export const tryLater: Make = commit(
  (context) => {
    const { id: effectId, key } = lastOf(context.model.effects);
    return [{ happening: { kind: "effect", verb: "attempt_failed", payload: { effectId, key, attempt: 1, error: ERROR, retryInMs: 30_000 } } }];
  },
  (context) => ({ to: "WAITING", inbox: inboxOf(context), closing: [], waits: [{ on: "sleep", timerId: "retry", until: new Date(context.model.now + 30_000).toISOString() }] }),
);

const end = (how: (context: Context) => RunEnd): Make => commit(() => [], how);
export const complete = end((context) => ({ to: "COMPLETED", inbox: inboxOf(context), closing: [], output: null }));
export const throws = end((context) => ({ to: "FAILED", inbox: inboxOf(context), closing: [], error: ERROR }));
export const strays = end(() => ({ to: "STUCK", inbox: null, closing: [], reason: { code: "nondeterminism", message: "it asked for something else", recorded: "wire", asked: "pay" } }));
export const parkOnGate = end((context) => ({ to: "WAITING", inbox: inboxOf(context), closing: [], waits: [{ on: "gate", gateId: lastOf(context.model.gates).id, name: "cfo" }] }));
export const parkOnEffect = end((context) => ({ to: "WAITING", inbox: inboxOf(context), closing: [], waits: [{ on: "effect", effectId: lastOf(context.model.effects).id, tool: "wire" }] }));
export const parkOnSignal = end((context) => ({ to: "WAITING", inbox: inboxOf(context), closing: [], waits: [{ on: "signal", key: `${firstRun(context).id}//d0/go/1`, name: "go" }] }));

export const cancel: Make = (context) => callOf("cancelRun", { id: firstRun(context).id, reason: REASON, actor: operator });
export const compensate: Make = (context) => callOf("compensateRun", { id: firstRun(context).id, reason: REASON, actor: operator });
export const redrive: Make = (context) => callOf("redriveRun", { id: firstRun(context).id, reason: REASON, actor: operator });
export const signal: Make = (context) => callOf("sendSignal", { runId: firstRun(context).id, name: "go", by: operator.id });
export const decide: Make = ({ model }) => callOf("decideGate", { id: lastOf(model.gates).id, outcome: "approved", fingerprint: lastOf(model.gates).fingerprint, actor: actors.approver });
export const fire: Make = () => callOf("fireDueTimers", {});

export const settleAbandoned: Make = () => callOf("settleAbandonedRuns", { limit: 10, sessionLocks: true });
export const leave: Make = (context) => callOf("settleRun", walkOf(context));
export const takeOver: Make = () => callOf("takeOverRuns", { owner: OWNER, agents: AGENTS, limit: 10, ttlMs: 60_000, maxRedrives: 2, sessionLocks: true, driven: [], suspects: true });

export const walk: Make = () => callOf("claimWalks", { owner: OWNER, compensators: COMPENSATORS, limit: 10, ttlMs: 60_000, sessionLocks: true, driven: [] });
const walkOf = (context: Context) => ({ runId: firstRun(context).id, owner: OWNER, epoch: firstRun(context).epoch });
export const undo: Make = (context) => callOf("nextReversal", { ...walkOf(context), compensators: ["unwire", "unpay"] });
const owedNow = ({ model }: Context) => [...model.obligations.values()].filter(({ status }) => status === "PENDING" || status === "STUCK").at(-1)!;
export const giveUp: Make = (context) => callOf("recordReversal", { ...walkOf(context), obligationId: owedNow(context).id, attempt: owedNow(context).attempts + 1, outcome: { status: "failed", error: ERROR, isFinal: true } });
export const failsOnce: Make = (context) => callOf("recordReversal", { ...walkOf(context), obligationId: owedNow(context).id, attempt: owedNow(context).attempts + 1, outcome: { status: "failed", error: ERROR } });
export const undone: Make = (context) => callOf("recordReversal", { ...walkOf(context), obligationId: owedNow(context).id, attempt: owedNow(context).attempts + 1, outcome: { status: "compensated" } });
export const resolve =
  (outcome: "done" | "retry" | "waived"): Make =>
  (context) =>
    callOf("resolveObligation", { id: owedNow(context).id, outcome, reason: REASON, actor: operator });

export const settle =
  (outcome: "confirmed" | "failed" | "retry"): Make =>
  ({ model }) =>
    callOf("resolveEffect", { id: lastOf(model.effects).id, outcome, reason: REASON, actor: operator });

export const send: Make = () => callOf("claimOutbox", { owner: OWNER, connectors: [{ app: APP, connector: CONNECTOR, places: 5 }] });
export const mark: Make = ({ model }) => callOf("markInFlight", { effectId: lastOf(model.effects).id, claim: lastOf(model.effects).claim! });
export const sendLost: Make = ({ model }) =>
  callOf("recordDispatch", { effectId: lastOf(model.effects).id, claim: lastOf(model.effects).claim!, result: { status: "unknown", reason: "the line went dead", checkable: true } });
export const recover: Make = () => callOf("recoverOutbox", { limit: 10, sessionLocks: true });
export const check: Make = () => callOf("claimEffectsToCheck", { owner: OWNER, limit: 10, tools: ["wire", "pay", "note"].map((tool) => ({ app: APP, tool })), agents: [] });
export const seenTwice: Make = ({ model }) =>
  callOf("recordObservation", { effectId: lastOf(model.effects).id, claim: lastOf(model.effects).claim!, observation: { status: "duplicate", result: { ref: 1 }, refs: ["bank-1", "bank-2"] } });

const timerOf =
  (kind: string): Make =>
  (context) =>
    callOf("setTimer", { runId: firstRun(context).id, id: "first", kind, inMs: 0, by: "run:tested" });
export const setTimer = timerOf("remind");
export const redriveAt = timerOf("redrive");
export const reconcileAt = timerOf("reconcile");
export const cancelTimer: Make = (context) => callOf("cancelTimer", { runId: firstRun(context).id, id: "first", by: "run:tested" });
export const claimTimer: Make = () => callOf("claimTimers", { owner: OWNER, kinds: ["remind", "redrive", "reconcile"].map((kind) => ({ app: APP, kind })), limit: 10 });
const first = ({ model }: Context) => [...model.timers.values()].find(({ id }) => id === "first")!;
export const handled: Make = (context) => callOf("timerHandled", { runId: first(context).runId, id: "first", claim: first(context).claim! });
export const awaitSignal: Make = commit((context) => {
  const key = `${firstRun(context).id}//d0/go/1`;
  return [
    { happening: { kind: "signal", verb: "awaited", payload: { key, name: "go", deadlineAt: null } }, due: { field: "deadlineAt", inMs: 5_000 } },
    { happening: { kind: "timer", verb: "armed", payload: { timerId: key, kind: "signal_timeout", fireAt: "" } }, due: { field: "fireAt", inMs: 5_000 }, ref: key },
  ];
});
export const setValue: Make = () => callOf("setValue", { namespace: "shop", key: "price", value: 1, writer: "sdk:tested" });
export const deleteValue: Make = () => callOf("deleteValue", { namespace: "shop", key: "price", writer: "sdk:tested" });
