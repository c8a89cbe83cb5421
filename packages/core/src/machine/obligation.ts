import type { Machine } from "./machine.ts";

export const OBLIGATION_STATUSES = ["REGISTERED", "PENDING", "COMPENSATED", "STUCK", "WAIVED"] as const;
export type ObligationStatus = (typeof OBLIGATION_STATUSES)[number];

export type ObligationEvent = "register" | "arm" | "compensated" | "give_up" | "retry" | "done" | "waive";

export const obligationMachine: Machine<ObligationStatus, ObligationEvent> = {
  name: "obligation",
  states: OBLIGATION_STATUSES,
  ended: ["COMPENSATED", "WAIVED"],
  transitions: [
    { from: null, event: "register", to: ["REGISTERED"], cause: "its effect is CONFIRMED" },
    { from: ["REGISTERED"], event: "arm", to: ["PENDING"], cause: "the walk reaches it, or a duplicate" },
    { from: ["PENDING"], event: "compensated", to: ["COMPENSATED"], cause: "the compensator succeeded" },
    { from: ["PENDING"], event: "give_up", to: ["STUCK"], cause: "5 attempts failed" },
    { from: ["STUCK"], event: "retry", to: ["PENDING"], cause: "a person" },
    { from: ["STUCK"], event: "done", to: ["COMPENSATED"], cause: "a person, with a reason" },
    { from: ["STUCK", "PENDING"], event: "waive", to: ["WAIVED"], cause: "a person, with a reason" },
  ],
};
