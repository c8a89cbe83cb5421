import type { Entry, Page, Run as RunRecord, RunFilter, RunSummary } from "@tape/core";
import { getRun, listRuns, readJournal, redriveRun, type Store } from "@tape/store";
import { currentRun, isInAgentCode } from "../context.ts";
import { sample } from "../steps/sample.ts";
import { awaitSignal } from "../steps/signal.ts";
import { sendSignalOperation } from "./signal.ts";
import { startOperation } from "./start.ts";

export type { RunHandle, StartOptions } from "./start.ts";

/** What can be done with runs from outside; in agent code each is a step, recorded and replayed (D6). */
export interface Operations {
  start: ReturnType<typeof startOperation>;
  sendSignal: ReturnType<typeof sendSignalOperation>;
  awaitSignal: typeof awaitSignal;
  /** @throws {TapeError} `not_found` */
  getRun(runId: string): Promise<RunRecord>;
  /** Newest first, in pages of at most 200. */
  listRuns(options?: { filter?: RunFilter; cursor?: string; limit?: number }): Promise<Page<RunSummary>>;
  /** Entries after `fromSeq` (exclusive; 0 for all), in order. */
  readJournal(runId: string, options?: { fromSeq?: number; limit?: number }): Promise<Page<Entry>>;
  /** Drives a WAITING or STUCK run again. @throws {TapeError} `illegal_transition` with its status */
  redrive(runId: string, options: { reason: string }): Promise<void>;
}

export function operationsOf(app: string, open: () => Promise<Store>): Operations {
  const actor = { id: `sdk:${app}`, email: null, role: "operator" } as const;
  return {
    start: startOperation(app, open),
    sendSignal: sendSignalOperation(app, open),
    awaitSignal,
    getRun: (id) => reading(async () => getRun(await open(), { id })),
    listRuns: (options = {}) => reading(async () => listRuns(await open(), { filter: {}, ...options })),
    readJournal: (runId, options = {}) => reading(async () => readJournal(await open(), { runId, ...options })),
    redrive: (id, { reason }) => reading(async () => void (await redriveRun(await open(), { id, reason, actor }))),
  };
}

/** What agent code reads is the same on every drive. */
function reading<T>(read: () => Promise<T>): Promise<T> {
  const run = isInAgentCode() ? currentRun() : null;
  return run ? sample(run, read) : read();
}
