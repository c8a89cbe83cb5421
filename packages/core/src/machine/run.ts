import type { Machine } from "./machine.ts";

export const RUN_STATUSES = [
  "RUNNABLE",
  "RUNNING",
  "WAITING",
  "COMPENSATING",
  "STUCK",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
  "COMPENSATED",
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export type RunEvent =
  | "start"
  | "claim"
  | "release"
  | "park"
  | "wake"
  | "redrive"
  | "complete"
  | "fail"
  | "cancel"
  | "compensate"
  | "compensated"
  | "give_up"
  | "stop_stuck"
  | "resume_walk";

export const runMachine: Machine<RunStatus, RunEvent> = {
  name: "run",
  states: RUN_STATUSES,
  ended: ["COMPLETED", "FAILED", "CANCELLED", "COMPENSATED"],
  transitions: [
    { from: null, event: "start", to: ["RUNNABLE"], cause: "start" },
    { from: ["RUNNABLE", "RUNNING"], event: "claim", to: ["RUNNING"], cause: "claim, epoch + 1 (RUNNING: stale lease)" },
    { from: ["COMPENSATING"], event: "claim", to: ["COMPENSATING"], cause: "the walk, epoch + 1 (settled, no open effect)" },
    { from: ["RUNNING"], event: "release", to: ["RUNNABLE"], cause: "worker stops, or back-off" },
    { from: ["COMPENSATING"], event: "release", to: ["COMPENSATING"], cause: "worker stops, or lacks the compensator" },
    { from: ["RUNNING"], event: "park", to: ["WAITING"], cause: "waits for gate, signal, sleep, unsettled effect" },
    { from: ["WAITING"], event: "wake", to: ["RUNNABLE"], cause: "arrived or timed out" },
    { from: ["WAITING", "STUCK"], event: "redrive", to: ["RUNNABLE"], cause: "a person or timer (STUCK: not by compensation)" },
    { from: ["RUNNING"], event: "complete", to: ["COMPLETED"], cause: "the agent returned" },
    { from: ["RUNNING"], event: "fail", to: ["FAILED"], cause: "the agent threw" },
    {
      from: ["RUNNABLE", "RUNNING", "WAITING", "STUCK"],
      event: "cancel",
      to: ["CANCELLED"],
      cause: "a person (STUCK: not by compensation)",
    },
    { from: ["RUNNABLE", "RUNNING"], event: "stop_stuck", to: ["STUCK"], cause: "poison or nondeterminism" },
    { from: ["COMPLETED", "FAILED", "CANCELLED"], event: "compensate", to: ["COMPENSATING"], cause: "a person" },
    { from: ["COMPENSATING"], event: "compensated", to: ["COMPENSATED"], cause: "every obligation COMPENSATED or WAIVED" },
    { from: ["COMPENSATING"], event: "give_up", to: ["STUCK"], cause: "an obligation gave up" },
    { from: ["STUCK"], event: "resume_walk", to: ["COMPENSATING"], cause: "last STUCK obligation resolved" },
  ],
};
