import type { Entry } from "../../entry/index.ts";
import type { Gate } from "../../wire/gate.ts";
import type { Timer } from "../../wire/system.ts";

/** The gates' wire objects after these entries, oldest first. */
export function gatesOf(entries: readonly Entry[]): Gate[] {
  const gates = new Map<string, Gate>();
  const started = entries.find((entry) => entry.kind === "run" && entry.verb === "started");
  const agent = started?.kind === "run" && started.verb === "started" ? started.payload.agent : "";
  for (const entry of entries) {
    if (entry.kind !== "gate") continue;
    const before = gates.get(entry.payload.gateId);
    const after = before === undefined ? opened(entry, agent) : changed(before, entry);
    if (after !== null) gates.set(after.id, after);
  }
  return [...gates.values()];
}

type Mine = Extract<Entry, { kind: "gate" }>;

function opened(entry: Mine, agent: string): Gate | null {
  if (entry.verb !== "opened") return null;
  const { gateId, key: _key, ...shown } = entry.payload;
  const undecided = { outcome: null, decidedBy: null, decidedAt: null, comment: null, decisions: [] };
  return { id: gateId, runId: entry.runId, agent, status: "OPEN", openedAt: entry.at, ...shown, ...undecided };
}

function changed(gate: Gate, entry: Mine): Gate {
  switch (entry.verb) {
    case "voted": {
      const { by, comment, outcome } = entry.payload;
      return { ...gate, decisions: [...gate.decisions, { by, outcome, at: entry.at, comment }] };
    }
    case "decided": {
      const { comment, decidedAt, decidedBy, outcome } = entry.payload;
      const vote = decidedBy !== null && (outcome === "approved" || outcome === "rejected") ? [{ by: decidedBy, outcome, at: decidedAt, comment }] : [];
      return { ...gate, status: "DECIDED", outcome, decidedBy, decidedAt, comment, decisions: [...gate.decisions, ...vote] };
    }
    case "timed_out":
      return { ...gate, status: "TIMED_OUT", outcome: "timed_out", decidedAt: entry.payload.decidedAt };
    case "cancelled":
      return { ...gate, status: "CANCELLED", outcome: "cancelled", decidedAt: entry.at };
    case "extended":
      return { ...gate, deadlineAt: entry.payload.deadlineAt };
    case "opened":
    case "delivered":
      return gate;
  }
}

/** The timers' wire objects after these entries. */
export function timersOf(entries: readonly Entry[]): Timer[] {
  const timers = new Map<string, Timer>();
  for (const entry of entries) {
    if (entry.kind !== "timer") continue;
    if (entry.verb === "armed") {
      const { fireAt, kind, payload, timerId } = entry.payload;
      timers.set(timerId, { id: timerId, runId: entry.runId, kind, payload: payload ?? null, fireAt, status: "ARMED", attempts: 0, lastError: null });
      continue;
    }
    const timer = timers.get(entry.payload.timerId);
    if (timer === undefined) continue;
    if (entry.verb === "fired") timers.set(timer.id, { ...timer, status: "FIRED", lastError: entry.payload.lastError ?? null });
    if (entry.verb === "cancelled") timers.set(timer.id, { ...timer, status: "CANCELLED" });
    if (entry.verb === "attempt_failed") timers.set(timer.id, { ...timer, attempts: entry.payload.attempt, lastError: entry.payload.error, fireAt: entry.payload.nextAttemptAt });
  }
  return [...timers.values()];
}
