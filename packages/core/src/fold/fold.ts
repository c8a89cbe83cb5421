import type { Entry } from "../entry/index.ts";
import { emptyBudget, foldBudget } from "./budget.ts";
import type { RunHistory, StepHistory, StepKind, StepOutcome } from "./history.ts";

/** The history of a run from its whole journal, in order of `seq`. Pure; a recovering worker and a reader see the same. */
export function fold(entries: Iterable<Entry>): RunHistory {
  const history: RunHistory = { input: undefined, steps: new Map(), refs: new Map(), script: [], signals: [], decisions: 0, gatesByName: new Map(), armed: new Map(), budget: emptyBudget(), lastSeq: 0 };
  for (const entry of entries) foldEntry(history, entry);
  return history;
}

/** Extends a history by the next entry. Entries that say nothing about the code only move `lastSeq`. */
export function foldEntry(history: RunHistory, entry: Entry): void {
  history.lastSeq = entry.seq;
  if (entry.dropped) return;
  switch (entry.kind) {
    case "run":
      return foldRun(history, entry);
    case "decision":
      foldBudget(history.budget, entry);
      return foldDecision(history, entry);
    case "effect":
      return foldEffect(history, entry);
    case "gate":
      return foldGate(history, entry);
    case "signal":
      return foldSignal(history, entry);
    case "timer":
      return foldTimer(history, entry);
    case "value":
      return foldValue(history, entry);
    case "budget":
      return foldBudget(history.budget, entry);
    case "obligation":
      return;
  }
}

type Of<K extends Entry["kind"]> = Extract<Entry, { kind: K }>;

function foldRun(history: RunHistory, entry: Of<"run">): void {
  if (entry.verb === "started") history.input = entry.payload.input;
  if (entry.verb === "sampled") {
    const { key, name, fingerprint, value, error } = entry.payload;
    ask(history, entry.seq, { key, kind: "sample", name, fingerprint });
    give(history, entry.seq, key, error ? { ok: false, error } : { ok: true, value });
  }
  if (entry.verb === "child") {
    const { key, fingerprint, agent, runId, resumed } = entry.payload;
    ask(history, entry.seq, { key, kind: "child", name: agent, fingerprint, ref: runId });
    give(history, entry.seq, key, { ok: true, value: { id: runId, resumed } });
  }
}

function foldDecision(history: RunHistory, entry: Of<"decision">): void {
  const { key } = entry.payload;
  if (entry.verb === "asked") {
    const { name, fingerprint, index, attempt } = entry.payload;
    const step = ask(history, entry.seq, { key, kind: "decision", name, fingerprint });
    step.attempts = attempt;
    step.ordinal = index;
    history.decisions = Math.max(history.decisions, index);
  } else if (entry.verb === "answered") {
    const { notStorable, response } = entry.payload;
    give(history, entry.seq, key, notStorable === undefined ? { ok: true, value: response } : unstorable(notStorable));
  } else {
    give(history, entry.seq, key, { ok: false, error: entry.payload.error });
  }
}

function foldEffect(history: RunHistory, entry: Of<"effect">): void {
  const { key } = entry.payload;
  const step = history.steps.get(key);
  switch (entry.verb) {
    case "intended": {
      const { tool, fingerprint, effectId } = entry.payload;
      const asked = ask(history, entry.seq, { key, kind: "effect", name: tool, fingerprint, ref: effectId });
      asked.status = "PENDING";
      asked.attempts = 1;
      if (entry.payload.detached) arrive(asked, entry.seq, { ok: true, value: { effectId } });
      return;
    }
    case "attempt_failed": {
      if (!step) return;
      const { attempt, error, retryInMs } = entry.payload;
      step.attempts = attempt + 1;
      step.retry = { attempt, error, dueAt: new Date(Date.parse(entry.at) + retryInMs).toISOString(), timerId: null };
      return;
    }
    case "resumed":
      if (!step) return;
      step.attempts = entry.payload.attempt;
      step.retry = null;
      return;
    case "unknown":
      if (!step) return;
      step.retry = null;
      if (!step.outcome) step.status = "UNKNOWN";
      return;
    case "retried":
      if (step && !step.outcome) step.status = "PENDING";
      return;
    case "confirmed":
    case "failed": {
      if (!step) return;
      step.retry = null;
      step.status = entry.verb === "confirmed" ? "CONFIRMED" : "FAILED";
      const outcome = effectOutcome(entry);
      // What the driver recorded it also handed to the code; what others brought waits for its delivery (D3).
      if (entry.payload.by === "driver") give(history, entry.seq, key, outcome);
      else arrive(step, entry.seq, outcome);
      return;
    }
    case "delivered":
      if (step?.outcome) give(history, entry.seq, key, step.outcome);
      return;
    default:
      return;
  }
}

function effectOutcome(entry: Extract<Of<"effect">, { verb: "confirmed" | "failed" }>): StepOutcome {
  if (entry.verb === "failed") return { ok: false, error: entry.payload.error };
  const { notStorable, result } = entry.payload;
  return notStorable === undefined ? { ok: true, value: result } : unstorable(notStorable);
}

function foldGate(history: RunHistory, entry: Of<"gate">): void {
  const step = stepOf(history, entry.payload.gateId);
  switch (entry.verb) {
    case "opened": {
      const { key, name, fingerprint, gateId, occurrence } = entry.payload;
      const asked = ask(history, entry.seq, { key, kind: "gate", name, fingerprint, ref: gateId });
      // Opened again with another payload: the same step, a new gate (D30).
      asked.fingerprint = fingerprint;
      asked.ref = gateId;
      asked.ordinal = occurrence;
      asked.outcome = null;
      asked.arrivedSeq = null;
      history.gatesByName.set(name, Math.max(occurrence, history.gatesByName.get(name) ?? 0));
      return;
    }
    case "decided": {
      const { gateId, outcome, values, comment, decidedBy, decidedAt } = entry.payload;
      if (step) arrive(step, entry.seq, { ok: true, value: { gateId, outcome, values, comment, decidedBy, decidedAt } });
      return;
    }
    case "timed_out": {
      const { gateId, decidedAt } = entry.payload;
      if (step) arrive(step, entry.seq, { ok: true, value: { gateId, outcome: "timed_out", values: null, comment: null, decidedBy: null, decidedAt } });
      return;
    }
    case "delivered": {
      const known = history.steps.get(entry.payload.key);
      if (known?.outcome) give(history, entry.seq, known.key, known.outcome);
      return;
    }
    default:
      return;
  }
}

function foldSignal(history: RunHistory, entry: Of<"signal">): void {
  switch (entry.verb) {
    case "awaited":
      ask(history, entry.seq, { key: entry.payload.key, kind: "signal", name: entry.payload.name, fingerprint: null });
      return;
    case "received": {
      const { signalId, name, payload } = entry.payload;
      history.signals.push({ signalId, name, payload, seq: entry.seq });
      return;
    }
    case "delivered": {
      const { key, signalId } = entry.payload;
      const place = history.signals.findIndex((signal) => signal.signalId === signalId);
      const [signal] = place < 0 ? [] : history.signals.splice(place, 1);
      give(history, entry.seq, key, { ok: true, value: { outcome: "received", payload: signal?.payload } });
      return;
    }
    case "timed_out": {
      const step = history.steps.get(entry.payload.key);
      if (step) arrive(step, entry.seq, { ok: true, value: { outcome: "timed_out" } });
      return;
    }
    case "timeout_delivered":
      give(history, entry.seq, entry.payload.key, { ok: true, value: { outcome: "timed_out" } });
      return;
    case "sent": {
      const { key, name, fingerprint, signalId } = entry.payload;
      ask(history, entry.seq, { key, kind: "sent", name, fingerprint, ref: signalId });
      give(history, entry.seq, key, { ok: true, value: { signalId } });
      return;
    }
  }
}

function foldTimer(history: RunHistory, entry: Of<"timer">): void {
  if (entry.verb === "armed") history.armed.set(entry.payload.timerId, entry.payload.kind);
  if (entry.verb === "fired" || entry.verb === "cancelled") history.armed.delete(entry.payload.timerId);
  if (entry.verb === "armed" && entry.payload.kind === "wake" && entry.payload.key !== undefined) {
    const { key, timerId } = entry.payload;
    const tried = history.steps.get(key);
    // The delay of a retry policy is no step of its own.
    if (tried?.kind === "effect") {
      if (tried.retry) tried.retry.timerId = timerId;
      return;
    }
    ask(history, entry.seq, { key, kind: "sleep", name: "sleep", fingerprint: null, ref: timerId });
  } else if (entry.verb === "fired" && entry.payload.kind === "wake") {
    const step = stepOf(history, entry.payload.timerId);
    // The deadline of a gate says nothing of its own: what it brings is the gate's entry.
    if (step?.kind === "sleep") arrive(step, entry.seq, { ok: true, value: undefined });
  } else if (entry.verb === "delivered") {
    give(history, entry.seq, entry.payload.key, { ok: true, value: undefined });
  }
}

function foldValue(history: RunHistory, entry: Of<"value">): void {
  const { key, fingerprint, valueKey } = entry.payload;
  ask(history, entry.seq, { key, kind: "value", name: valueKey, fingerprint });
  const value = entry.verb === "read" ? { version: entry.payload.version, value: entry.payload.value } : { version: entry.payload.version };
  give(history, entry.seq, key, { ok: true, value });
}

function ask(
  history: RunHistory,
  seq: number,
  asked: { key: string; kind: StepKind; name: string; fingerprint: string | null; ref?: string },
): StepHistory {
  if (asked.ref !== undefined) history.refs.set(asked.ref, asked.key);
  const known = history.steps.get(asked.key);
  if (known) return known;
  const step: StepHistory = {
    ...asked,
    ref: asked.ref ?? null,
    askedSeq: seq,
    givenSeq: null,
    outcome: null,
    arrivedSeq: null,
    attempts: 0,
    ordinal: 0,
    status: null,
    retry: null,
  };
  history.steps.set(asked.key, step);
  history.script.push({ seq, give: false, key: asked.key });
  return step;
}

function give(history: RunHistory, seq: number, key: string, outcome: StepOutcome): void {
  const step = history.steps.get(key);
  if (!step || step.givenSeq !== null) return;
  step.outcome = outcome;
  step.givenSeq = seq;
  history.script.push({ seq, give: true, key });
}

/** An outcome that somebody else brought; the first one stands. */
function arrive(step: StepHistory, seq: number, outcome: StepOutcome): void {
  if (step.givenSeq !== null || step.outcome) return;
  step.outcome = outcome;
  step.arrivedSeq = seq;
}

function unstorable(message: string): StepOutcome {
  return { ok: false, error: { name: "ResultNotStorable", message, code: "result_not_storable" } };
}

function stepOf(history: RunHistory, ref: string): StepHistory | undefined {
  const key = history.refs.get(ref);
  return key === undefined ? undefined : history.steps.get(key);
}
