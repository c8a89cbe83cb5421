export { createWorker, type TapeWorker, type WorkerOptions, type WorkerStats } from "./worker.ts";
export type { Log } from "./log.ts";
