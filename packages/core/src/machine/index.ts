export * from "./machine.ts";
export * from "./run.ts";
export * from "./effect.ts";
export * from "./obligation.ts";
export * from "./gate.ts";
export * from "./timer.ts";
export * from "./value.ts";
