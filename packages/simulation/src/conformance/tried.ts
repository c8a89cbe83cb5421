import { effectMachine, gateMachine, obligationMachine, runMachine, timerMachine, valueMachine, type Machine } from "@tape/core";
import { keyOf, ofRun, type Model } from "../model/index.ts";
import type { Call } from "./verbs.ts";

/** An event that a call is about to try on one thing, and how that thing stands afterwards. */
export interface Tried {
  machine: Machine<string, string>;
  /** Null: it is not there yet. */
  state: string | null;
  event: string;
  read(): string | undefined;
}

/** Which events of the machines this call tries, on what is there now. */
export function triedBy(model: Model, call: Call): Tried[] {
  const on = <Row extends { status: string }>(machine: Machine<string, string>, rows: Map<string, Row>, key: string, event: string): Tried => ({
    machine,
    event,
    state: rows.get(key)?.status ?? null,
    read: () => rows.get(key)?.status,
  });
  const run = (id: string, event: string) => on(runMachine, model.runs, id, event);
  const everyRun = (event: string) => [...model.runs.keys()].map((id) => run(id, event));
  const keysOf = <Row extends { runId: string }>(rows: Map<string, Row>, fits: (row: Row) => boolean) => [...rows].flatMap(([key, row]) => (fits(row) ? [key] : []));
  const effect = (id: string, event: string) => keysOf(model.effects, (row) => (row as { id?: string }).id === id).map((key) => on(effectMachine, model.effects, key, event));
  const gate = (key: string, event: string) => on(gateMachine, model.gates, key, event);
  const obligation = (key: string, event: string) => on(obligationMachine, model.obligations, key, event);
  const timer = (key: string, event: string) => on(timerMachine, model.timers, key, event);
  const of = (runId: string) => (row: { runId: string }) => row.runId === runId;
  const value = ({ namespace, key }: { namespace: string; key: string }, event: string): Tried => {
    const stateOf = () => {
      const last = model.values.get(keyOf(namespace, key))?.at(-1);
      return last && (last.deleted ? "tombstone" : "live");
    };
    const state = stateOf() ?? null;
    return { machine: valueMachine, event, state, read: stateOf };
  };
  const newborn = <Row extends { status: string }>(machine: Machine<string, string>, rows: Map<string, Row>, event: string): Tried => {
    const before = rows.size;
    return { machine, event, state: null, read: () => (rows.size > before ? [...rows.values()].at(-1)?.status : undefined) };
  };

  switch (call.verb) {
    case "startRun":
    case "startRuns":
      return [newborn(runMachine, model.runs, "start")];
    case "claimRuns":
    case "takeOverRuns":
    case "claimWalks":
      return everyRun("claim");
    case "cancelRun": {
      const { id } = call.input;
      return [
        run(id, "cancel"),
        ...ofRun(model.effects, id).flatMap((row) => effect(row.id, "lose")),
        ...keysOf(model.gates, of(id)).map((key) => gate(key, "cancel")),
        ...keysOf(model.timers, of(id)).map((key) => timer(key, "cancel")),
      ];
    }
    case "redriveRun":
      return [run(call.input.id, "redrive")];
    case "compensateRun":
      return [run(call.input.id, "compensate")];
    case "unparkRun":
      return [run(call.input.runId, "redrive")];
    case "sendSignal":
      return [run(call.input.runId, "wake")];
    case "releaseWalk":
      return [run(call.input.runId, "release")];
    case "nextReversal":
      return [run(call.input.runId, "compensated"), run(call.input.runId, "give_up"), ...keysOf(model.obligations, of(call.input.runId)).map((key) => obligation(key, "arm"))];
    case "recordReversal": {
      const event = call.input.outcome.status === "compensated" ? "compensated" : "give_up";
      return [...(event === "give_up" ? [run(call.input.runId, event)] : []), obligation(keyOf(call.input.runId, call.input.obligationId), event)];
    }
    case "recordDuplicate": {
      const { obligationId, outcome } = call.input;
      return keysOf(model.obligations, (row) => row.id === obligationId).map((key) => obligation(key, outcome.status === "compensated" ? "compensated" : "give_up"));
    }
    case "resolveObligation": {
      const { id, outcome } = call.input;
      return keysOf(model.obligations, (row) => row.id === id).flatMap((key) => [obligation(key, outcome === "waived" ? "waive" : outcome), run(model.obligations.get(key)!.runId, "resume_walk")]);
    }
    case "resolveEffect":
      return effect(call.input.id, { confirmed: "confirm", failed: "fail", retry: "retry" }[call.input.outcome]);
    case "recordObservation": {
      const event = { confirmed: "confirm", duplicate: "confirm", failed: "fail", absent: "retry", inconclusive: null }[call.input.observation.status];
      return event === null ? [] : effect(call.input.effectId, event);
    }
    case "resendEffect":
      return effect(call.input.effectId, "retry");
    case "recordLateOutcome":
      return effect(call.input.effectId, { confirmed: "confirm", failed: "fail", unknown: "lose" }[call.input.outcome.status]);
    case "recordDispatch": {
      const event = { confirmed: "confirm", failed: "fail", unknown: "lose", retry: null }[call.input.result.status];
      return [...(event === null ? [] : effect(call.input.effectId, event)), ...(event === "confirm" ? [newborn(obligationMachine, model.obligations, "register")] : [])];
    }
    case "recoverOutbox":
      return [...model.effects.values()].flatMap((row) => (row.claim === null ? [] : effect(row.id, "lose")));
    case "settleRun":
      return ofRun(model.effects, call.input.runId).flatMap((row) => effect(row.id, "lose"));
    case "decideGate":
      return keysOf(model.gates, (row) => row.id === call.input.id).map((key) => gate(key, "decide"));
    case "fireDueTimers":
      return [
        ...keysOf(model.gates, (row) => row.deadlineAt !== null && row.deadlineAt <= model.now).map((key) => gate(key, "time_out")),
        ...keysOf(model.timers, (row) => row.fireAt <= model.now).map((key) => timer(key, "fire")),
      ];
    case "setTimer":
      return [timer(keyOf(call.input.runId, call.input.id), "arm")];
    case "cancelTimer":
      return [timer(keyOf(call.input.runId, call.input.id), "cancel")];
    case "timerHandled":
      return [timer(keyOf(call.input.runId, call.input.id), "fire")];
    case "setValue":
      return [value(call.input, "write")];
    case "deleteValue":
      return [value(call.input, "delete")];
    case "commitRuns":
      return call.input.flatMap(({ runId, records, end }) => [
        ...(end ? [run(runId, { WAITING: "park", COMPLETED: "complete", FAILED: "fail", STUCK: "stop_stuck", RUNNABLE: "release" }[end.to])] : []),
        ...records.flatMap(({ happening: { kind, verb, payload }, obligation: owed }) => {
          const { effectId = "", gateId = "" } = payload as { effectId?: string; gateId?: string };
          if (kind === "gate") return verb === "opened" ? [newborn(gateMachine, model.gates, "open")] : verb === "cancelled" ? [gate(keyOf(runId, gateId), "cancel")] : [];
          if (kind === "timer" && verb === "armed") return [newborn(timerMachine, model.timers, "arm")];
          if (kind !== "effect") return [];
          if (verb === "intended") return [newborn(effectMachine, model.effects, "intend")];
          const event = { confirmed: "confirm", failed: "fail", unknown: "lose" }[verb as string];
          return [...(event === undefined ? [] : effect(effectId, event)), ...(owed ? [newborn(obligationMachine, model.obligations, "register")] : [])];
        }),
      ]);
    default:
      return [];
  }
}
