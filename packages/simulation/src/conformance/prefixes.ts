import type { RunCommit, RunEnd } from "@tape/store";
import { actors } from "@tape/store/testing";
import type { RunRow } from "../model/index.ts";
import { AGENTS, APP, COMPENSATORS, CONNECTOR, newIdOf, type Context, type Make } from "./command/context.ts";
import { callOf } from "./verbs.ts";

const OWNER = "wrk_a";
const ERROR = { name: "BankClosed", message: "closed until Monday" };

const firstRun = ({ model }: Context): RunRow => [...model.runs.values()][0]!;
const lastOf = <Row>(rows: ReadonlyMap<string, Row>): Row => [...rows.values()].at(-1)!;

const start: Make = () => callOf("startRun", { app: APP, agent: "pay", startedBy: actors.operator.id });
const claim: Make = () => callOf("claimRuns", { owner: OWNER, agents: AGENTS, limit: 10, ttlMs: 60_000, suspects: true });

function commit(records: (context: Context) => RunCommit["records"], end?: (context: Context) => RunEnd): Make {
  return (context) => {
    const run = firstRun(context);
    return callOf("commitBatch", [
      { runId: run.id, owner: OWNER, epoch: run.epoch, first: run.recorded, foreign: run.foreignOutcomes, ttlMs: 60_000, records: records(context), ...(end && { end: end(context) }) },
    ]);
  };
}

function intend(tool: { tool: string; semantics: "IDEMPOTENT" | "NON_IDEMPOTENT"; dispatch: "INLINE" | "OUTBOX"; compensator: string }): Make {
  return commit((context) => {
    const key = `${firstRun(context).id}//d0/${tool.tool}/${context.number}`;
    const { compensator, ...asked } = tool;
    const payload = { effectId: newIdOf(context, "eff"), key, ...asked, request: { to: "acme" }, fingerprint: "f" };
    return [{ happening: { kind: "effect", verb: "intended", payload }, compensator, ...(tool.dispatch === "OUTBOX" && { connector: CONNECTOR }) }];
  });
}

const wire = intend({ tool: "wire", semantics: "IDEMPOTENT", dispatch: "INLINE", compensator: "unwire" });
const pay = intend({ tool: "pay", semantics: "NON_IDEMPOTENT", dispatch: "OUTBOX", compensator: "unpay" });

const confirm: Make = commit((context) => {
  const { id: effectId, key } = lastOf(context.model.effects);
  const obligation = { id: newIdOf(context, "obl"), compensator: "unwire", payload: JSON.stringify({ input: { to: "acme" }, result: { ref: 7 } }) };
  return [{ happening: { kind: "effect", verb: "confirmed", payload: { effectId, key, by: "driver", result: { ref: 7 } } }, obligation }];
});

const lose: Make = commit((context) => {
  const { id: effectId, key } = lastOf(context.model.effects);
  return [{ happening: { kind: "effect", verb: "unknown", payload: { effectId, key, reason: "the line went dead" } }, checkable: true }];
});

const openGate: Make = commit((context) => {
  const gateId = newIdOf(context, "gate");
  const key = `${firstRun(context).id}//d0/cfo/1`;
  const opened = { gateId, name: "cfo", key, occurrence: 1, payload: null, form: null, risk: null, display: null, assignees: [], quorum: 1, fingerprint: "shown", deadlineAt: null };
  return [
    { happening: { kind: "gate", verb: "opened", payload: opened }, due: { field: "deadlineAt", inMs: 5_000 } },
    { happening: { kind: "timer", verb: "armed", payload: { timerId: gateId, kind: "gate_timeout", fireAt: "" } }, due: { field: "fireAt", inMs: 5_000 }, ref: gateId },
  ];
});

const end = (how: (context: Context) => RunEnd): Make => commit(() => [], how);
const complete = end((context) => ({ to: "COMPLETED", inbox: firstRun(context).inbox, closing: [], output: null }));
const parkOnGate = end((context) => ({ to: "WAITING", inbox: 0, closing: [], waits: [{ on: "gate", gateId: lastOf(context.model.gates).id, name: "cfo" }] }));
const parkOnSignal = end(() => ({ to: "WAITING", inbox: 0, closing: [], waits: [{ on: "signal", key: "k", name: "go" }] }));
const cancel: Make = (context) => callOf("cancelRun", { id: firstRun(context).id, reason: "wrong file", actor: actors.operator });
const compensate: Make = (context) => callOf("compensateRun", { id: firstRun(context).id, reason: "wrong file", actor: actors.operator });
const walk: Make = () => callOf("claimWalks", { owner: OWNER, compensators: COMPENSATORS, limit: 10, ttlMs: 60_000, sessionLocks: true, driven: [] });
const walkOf = (context: Context) => ({ runId: firstRun(context).id, owner: OWNER, epoch: firstRun(context).epoch });
const undo: Make = (context) => callOf("nextReversal", { ...walkOf(context), compensators: ["unwire", "unpay"] });
const giveUp: Make = (context) => callOf("recordReversal", { ...walkOf(context), obligationId: lastOf(context.model.obligations).id, attempt: 1, outcome: { status: "failed", error: ERROR, isFinal: true } });
const send: Make = () => callOf("claimOutbox", { owner: OWNER, connectors: [{ app: APP, connector: CONNECTOR, places: 5 }] });
const mark: Make = ({ model }) => callOf("markInFlight", { effectId: lastOf(model.effects).id, claim: lastOf(model.effects).claim! });
const dispatchLost: Make = ({ model }) =>
  callOf("recordDispatch", { effectId: lastOf(model.effects).id, claim: lastOf(model.effects).claim!, result: { status: "unknown", reason: "the line went dead", checkable: true } });
const check: Make = () => callOf("claimEffectsToCheck", { owner: OWNER, limit: 10, tools: ["wire", "pay"].map((tool) => ({ app: APP, tool })), agents: [] });
const twice: Make = ({ model }) =>
  callOf("recordObservation", { effectId: lastOf(model.effects).id, claim: lastOf(model.effects).claim!, observation: { status: "duplicate", result: { ref: 1 }, refs: ["bank-1", "bank-2"] } });

const driven = [start, claim];
const owing = [...driven, wire, confirm, wire, confirm];
const walking = [...owing, complete, compensate, walk, undo];
const sending = [...driven, pay, send, mark];

/** Where a history may begin: deep states that chance alone reaches seldom. */
export const PREFIXES = {
  nothing: [],
  driven,
  owing,
  walking,
  stuck: [...walking, giveUp],
  unknown: [...driven, wire, lose],
  pending: [...driven, wire],
  sending,
  copied: [...sending, dispatchLost, check, twice],
  copiedThenWalked: [...sending, dispatchLost, check, twice, complete, compensate, walk],
  asked: [...driven, openGate, parkOnGate],
  parked: [...driven, parkOnSignal],
  cancelledUnderway: [...owing, wire, cancel],
  compensatedUnderway: [...owing, wire, cancel, compensate],
} as const satisfies Record<string, readonly Make[]>;

export type PrefixName = keyof typeof PREFIXES;
