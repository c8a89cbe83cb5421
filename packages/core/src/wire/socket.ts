import { z } from "zod";
import type { Entry } from "../entry/index.ts";
import type { ErrorBody } from "../error.ts";
import type { Gate } from "./gate.ts";
import type { Value, ValueChange } from "./system.ts";
import { runFilter, type Run, type RunSummary } from "./run.ts";

/** Every `from…` is exclusive: the last one you have, 0 for all. */
export const watchRunRequest = z.object({ runId: z.string(), fromSeq: z.int().nonnegative() });
export const watchRunsRequest = z.object({ filter: runFilter.default({}) });
export const watchInboxRequest = z.object({});
export const watchValueRequest = z.object({ namespace: z.string(), key: z.string(), fromVersion: z.int().nonnegative() });
export const unwatchRequest = z.object({ watchId: z.string() });

export type Ack<T> = T | ErrorBody;

export interface ClientEvents {
  watchRun(request: z.input<typeof watchRunRequest>, ack: (answer: Ack<{ watchId: string; run: Run; seq: number; serverTime: string }>) => void): void;
  watchRuns(request: z.input<typeof watchRunsRequest>, ack: (answer: Ack<{ watchId: string; serverTime: string }>) => void): void;
  watchInbox(
    request: z.input<typeof watchInboxRequest>,
    ack: (answer: Ack<{ watchId: string; gates: Gate[]; openCount: number; serverTime: string }>) => void,
  ): void;
  /** Answers the present version if it is newer than `fromVersion` or `fromVersion` is 0; every later one follows as an event. */
  watchValue(
    request: z.input<typeof watchValueRequest>,
    ack: (answer: Ack<{ watchId: string; current: Value | null; serverTime: string }>) => void,
  ): void;
  unwatch(request: z.input<typeof unwatchRequest>, ack: (answer: Ack<{ watchId: string }>) => void): void;
}

export interface ServerEvents {
  /** New journal entries, in order, in pages of at most 500. */
  entries(message: { watchId: string; runId: string; entries: Entry[] }): void;
  run(message: { watchId: string; run: Run }): void;
  runs(message: { watchId: string; upserts: RunSummary[]; removed: string[] }): void;
  gates(message: { watchId: string; upserts: Gate[]; removed: string[]; openCount: number }): void;
  /** Every version after `fromVersion`, in order, with the one before. */
  value(message: { watchId: string } & ValueChange): void;
}
