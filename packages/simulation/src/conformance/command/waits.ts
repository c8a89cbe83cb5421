import type { Wait } from "@tape/core";
import type { DriverRecord } from "@tape/store";
import { ofRun, type GateRow, type Model, type RunRow } from "../../model/index.ts";
import { newIdOf, type Context } from "./context.ts";
import { stepKey, wakes } from "./steps.ts";

const FORM = [{ name: "limit", label: "Limit", type: "number" as const, required: false }];

/** What an awaited signal is known by. */
interface Await {
  key: string;
  name: string;
}

/** The awaits of a run that have brought nothing to its code yet. */
export function openAwaits(model: Model, run: RunRow): Await[] {
  const open = new Map<string, string>();
  for (const { kind, verb, payload } of model.journals.get(run.id) ?? []) {
    if (kind !== "signal") continue;
    const { key, name } = payload as Await;
    if (verb === "awaited") open.set(key, name);
    if (verb === "delivered" || verb === "timeout_delivered") open.delete(key);
  }
  return [...open].map(([key, name]) => ({ key, name }));
}

/** Signals that came and that no await took. */
export function keptSignals(model: Model, run: RunRow): { signalId: string; name: string }[] {
  const kept = new Map<string, string>();
  for (const { kind, verb, payload } of model.journals.get(run.id) ?? []) {
    if (kind !== "signal") continue;
    const { signalId, name } = payload as { signalId: string; name: string };
    if (verb === "received") kept.set(signalId, name);
    if (verb === "delivered") kept.delete(signalId);
  }
  return [...kept].map(([signalId, name]) => ({ signalId, name }));
}

export function openGate(context: Context, run: RunRow, place: number, again?: GateRow): DriverRecord[] {
  const { picks } = context;
  const gateId = newIdOf(context, "gate", place);
  const inMs = picks.isLucky(50) ? picks.of([5_000, 60_000]) : undefined;
  const opened: DriverRecord = {
    happening: {
      kind: "gate",
      verb: "opened",
      payload: {
        gateId,
        name: "cfo",
        key: again?.key ?? stepKey(run, "cfo", `${context.number}.${place}`),
        occurrence: again?.occurrence ?? 1,
        payload: { total: picks.below(3) },
        form: picks.isLucky(30) ? FORM : null,
        risk: picks.isLucky(20) ? "high" : null,
        display: null,
        assignees: picks.isLucky(20) ? picks.of([["role:operator"], ["user:ann@example.com"]]) : [],
        quorum: picks.isLucky(25) ? 2 : 1,
        fingerprint: `shown ${picks.below(2)}`,
        deadlineAt: null,
      },
    },
    allowSelf: !picks.isLucky(25),
    ...(inMs !== undefined && { due: { field: "deadlineAt" as const, inMs } }),
  };
  if (inMs === undefined) return [opened];
  return [opened, { happening: { kind: "timer", verb: "armed", payload: { timerId: gateId, kind: "gate_timeout", fireAt: "" } }, due: { field: "fireAt", inMs }, ref: gateId }];
}

/** What is asked has changed: the gate is void, and asked again under the same key (D30). */
export function askAgain(context: Context, run: RunRow, gate: GateRow, place: number): DriverRecord[] {
  return [{ happening: { kind: "gate", verb: "cancelled", payload: { gateId: gate.id, name: gate.name, reason: "payload_changed" } } }, ...openGate(context, run, place, gate)];
}

export function awaitSignal(context: Context, run: RunRow, place: number): DriverRecord[] {
  const { picks } = context;
  const name = picks.of(["go", "stop"]);
  const key = stepKey(run, name, `${context.number}.${place}`);
  const awaited = { happening: { kind: "signal", verb: "awaited", payload: { key, name, deadlineAt: null } } } as const;
  if (!picks.isLucky(50)) return [awaited];
  const inMs = picks.of([5_000, 60_000]);
  const armed = { kind: "timer", verb: "armed", payload: { timerId: key, kind: "signal_timeout", fireAt: "" } } as const;
  return [{ ...awaited, due: { field: "deadlineAt", inMs } }, { happening: armed, due: { field: "fireAt", inMs }, ref: key }];
}

export function takeSignal(model: Model, run: RunRow): DriverRecord[] {
  const awaits = openAwaits(model, run);
  const taken = keptSignals(model, run).flatMap((kept) => awaits.flatMap(({ key, name }) => (name === kept.name ? [{ key, ...kept }] : [])))[0];
  if (taken) return [{ happening: { kind: "signal", verb: "delivered", payload: taken } }];
  const late = awaits.find(({ key }) => (model.journals.get(run.id) ?? []).some(({ kind, verb, payload }) => kind === "signal" && verb === "timed_out" && (payload as Await).key === key));
  return late ? [{ happening: { kind: "signal", verb: "timeout_delivered", payload: late } }] : [];
}

export function sleep(context: Context, run: RunRow, place: number): DriverRecord[] {
  return [wakes(stepKey(run, "sleep", `${context.number}.${place}`), context.picks.of([1_000, 40_000, 0]))];
}

/** What a driver of this run may be waiting for. */
export function waitsOf(model: Model, run: RunRow): Wait[] {
  const gates = ofRun(model.gates, run.id).flatMap((gate): Wait[] => (gate.status === "OPEN" ? [{ on: "gate", gateId: gate.id, name: gate.name }] : []));
  const sleeps = ofRun(model.timers, run.id).flatMap((timer): Wait[] =>
    timer.kind === "wake" && timer.status === "ARMED" ? [{ on: "sleep", timerId: timer.id, until: new Date(timer.fireAt).toISOString() }] : [],
  );
  const effects = ofRun(model.effects, run.id).flatMap((effect): Wait[] =>
    effect.status === "UNKNOWN" || (effect.status === "PENDING" && effect.dispatch === "OUTBOX")
      ? [{ on: "effect", effectId: effect.id, tool: effect.tool, ...(effect.dispatch === "OUTBOX" && { dispatch: "OUTBOX" as const }) }]
      : [],
  );
  return [...gates, ...openAwaits(model, run).map(({ key, name }): Wait => ({ on: "signal", key, name })), ...sleeps, ...effects];
}

/** What closes with a run: its gates that are open, and its timers that are armed. */
export function closingOf(model: Model, run: RunRow): DriverRecord[] {
  const gates = ofRun(model.gates, run.id).flatMap((gate): DriverRecord[] =>
    gate.status === "OPEN" ? [{ happening: { kind: "gate", verb: "cancelled", payload: { gateId: gate.id, name: gate.name, reason: "run_ended" } } }] : [],
  );
  const timers = ofRun(model.timers, run.id).flatMap((timer): DriverRecord[] =>
    timer.status === "ARMED" ? [{ happening: { kind: "timer", verb: "cancelled", payload: { timerId: timer.id, kind: timer.kind } } }] : [],
  );
  return [...gates, ...timers];
}
