export * from "./fixed.ts";
export * from "./worst.ts";
export * from "./journal/index.ts";
export * from "./world/index.ts";
export * from "./factory/run.ts";
export * from "./factory/gate.ts";
export * from "./factory/effect.ts";
export * from "./factory/system.ts";
