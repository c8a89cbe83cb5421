import { allows, gateMachine, timerMachine, type Happening } from "@tape/core";
import { ofRun, type Model } from "../model.ts";

/** Closes what is open of a run that ends: its gates and its timers (D19). Their entries go with the run's own, in the order of their ids. */
export function closeOpen(model: Model, runId: string): { happenings: Happening[]; gates: boolean } {
  const gates = ofRun(model.gates, runId).filter(({ status }) => allows(gateMachine, status, "cancel")).toSorted(byId);
  const timers = ofRun(model.timers, runId).filter(({ status }) => allows(timerMachine, status, "cancel")).toSorted(byId);
  for (const gate of gates) {
    gate.status = "CANCELLED";
    gate.outcome = "cancelled";
    gate.decidedAt = model.now;
  }
  for (const timer of timers) {
    timer.status = "CANCELLED";
    timer.claim = timer.claimExpiresAt = null;
  }
  const happenings = [
    ...gates.map(({ id: gateId, name }): Happening => ({ kind: "gate", verb: "cancelled", payload: { gateId, name, reason: "run_ended" } })),
    ...timers.map(({ id: timerId, kind, key }): Happening => ({ kind: "timer", verb: "cancelled", payload: { timerId, kind, ...(key !== null && { key }) } })),
  ];
  return { happenings, gates: gates.length > 0 };
}

function byId(one: { id: string }, other: { id: string }): number {
  return one.id < other.id ? -1 : 1;
}
