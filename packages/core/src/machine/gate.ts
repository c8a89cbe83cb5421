import type { Machine } from "./machine.ts";

export const GATE_STATUSES = ["OPEN", "DECIDED", "TIMED_OUT", "CANCELLED"] as const;
export type GateStatus = (typeof GATE_STATUSES)[number];

export const GATE_OUTCOMES = ["approved", "rejected", "timed_out", "cancelled"] as const;
export type GateOutcome = (typeof GATE_OUTCOMES)[number];

export type GateEvent = "open" | "decide" | "time_out" | "cancel";

export const gateMachine: Machine<GateStatus, GateEvent> = {
  name: "gate",
  states: GATE_STATUSES,
  ended: ["DECIDED", "TIMED_OUT", "CANCELLED"],
  transitions: [
    { from: null, event: "open", to: ["OPEN"], cause: "the agent asks" },
    { from: ["OPEN"], event: "decide", to: ["DECIDED"], cause: "the last vote its quorum needs" },
    { from: ["OPEN"], event: "time_out", to: ["TIMED_OUT"], cause: "its deadline" },
    { from: ["OPEN"], event: "cancel", to: ["CANCELLED"], cause: "its run ended, or the payload changed" },
  ],
};
