import type { Machine } from "./machine.ts";

export const EFFECT_STATUSES = ["PENDING", "CONFIRMED", "FAILED", "UNKNOWN"] as const;
export type EffectStatus = (typeof EFFECT_STATUSES)[number];

export const SEMANTICS = ["IDEMPOTENT", "NON_IDEMPOTENT", "OBSERVE_ONLY"] as const;
export type Semantics = (typeof SEMANTICS)[number];

export const DISPATCHES = ["INLINE", "OUTBOX"] as const;
export type Dispatch = (typeof DISPATCHES)[number];

export type EffectEvent = "intend" | "confirm" | "fail" | "lose" | "retry";

export const effectMachine: Machine<EffectStatus, EffectEvent> = {
  name: "effect",
  states: EFFECT_STATUSES,
  ended: ["CONFIRMED", "FAILED"],
  transitions: [
    { from: null, event: "intend", to: ["PENDING"], cause: "the agent asks" },
    { from: ["PENDING", "UNKNOWN"], event: "confirm", to: ["CONFIRMED"], cause: "outcome, observation or a person" },
    { from: ["PENDING", "UNKNOWN"], event: "fail", to: ["FAILED"], cause: "outcome, observation or a person" },
    { from: ["PENDING"], event: "lose", to: ["UNKNOWN"], cause: "acknowledgement or claim lost" },
    { from: ["UNKNOWN"], event: "retry", to: ["PENDING"], cause: "IDEMPOTENT seen ABSENT, or a person" },
  ],
};
