import type { Machine } from "./machine.ts";

export const TIMER_STATUSES = ["ARMED", "FIRED", "CANCELLED"] as const;
export type TimerStatus = (typeof TIMER_STATUSES)[number];

/** Kinds that Tape handles itself; any other kind belongs to a handler registered with `onTimer`. */
export const BUILT_IN_TIMER_KINDS = ["wake", "gate_timeout", "signal_timeout", "redrive", "reconcile"] as const;

export type TimerEvent = "arm" | "fire" | "cancel";

export const timerMachine: Machine<TimerStatus, TimerEvent> = {
  name: "timer",
  states: TIMER_STATUSES,
  ended: ["FIRED", "CANCELLED"],
  transitions: [
    { from: null, event: "arm", to: ["ARMED"], cause: "set, sleep, or a deadline" },
    { from: ["ARMED", "FIRED", "CANCELLED"], event: "arm", to: ["ARMED"], cause: "the same id is set again" },
    { from: ["ARMED"], event: "fire", to: ["FIRED"], cause: "due and handled (or five failures)" },
    { from: ["ARMED"], event: "cancel", to: ["CANCELLED"], cause: "asked, or its run ended" },
  ],
};
