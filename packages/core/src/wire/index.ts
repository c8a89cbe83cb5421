export * from "./run.ts";
export * from "./compensation.ts";
export * from "./effect.ts";
export * from "./gate.ts";
export * from "./system.ts";
export * from "./sink.ts";
export * from "./socket.ts";
export * from "./list.ts";
