export * from "./cancel.ts";
export { compensateRun } from "./compensate.ts";
export * from "./compensation-plan.ts";
export * from "./get.ts";
export * from "./redrive.ts";
export * from "./settle-abandoned.ts";
export * from "./start.ts";
export { startRuns } from "./start-many.ts";
