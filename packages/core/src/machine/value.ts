import type { Machine } from "./machine.ts";

export type ValueState = "live" | "tombstone";
export type ValueEvent = "write" | "delete";

export const valueMachine: Machine<ValueState, ValueEvent> = {
  name: "value",
  states: ["live", "tombstone"],
  ended: [],
  transitions: [
    { from: null, event: "write", to: ["live"], cause: "version 1" },
    { from: ["live", "tombstone"], event: "write", to: ["live"], cause: "version + 1" },
    { from: ["live"], event: "delete", to: ["tombstone"], cause: "version + 1" },
  ],
};
