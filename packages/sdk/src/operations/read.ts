import type { CompensationPlan, Entry, Page, Run as RunRecord, RunFilter, RunSummary } from "@tape/core";
import { compensationPlan, getRun, listRuns, readJournal } from "@tape/store";
import type { Connection } from "../connect.ts";
import { ask } from "./step.ts";
import { idOf, type RunTarget } from "./target.ts";

/** What agent code reads is recorded, and the same on every drive. */
export function readsOf(app: string, { store }: Connection) {
  const read = <T>(name: string, given: unknown, act: () => Promise<T>): Promise<T> => ask(app, { name, given, act });
  return {
    getRun: (target: RunTarget): Promise<RunRecord> => read("getRun", { runId: idOf(target) }, async () => getRun(await store(), { id: idOf(target) })),

    listRuns: (options: { filter?: RunFilter; cursor?: string; limit?: number } = {}): Promise<Page<RunSummary>> =>
      read("listRuns", options, async () => listRuns(await store(), { filter: {}, ...options })),

    readJournal: (target: RunTarget, options: { fromSeq?: number; limit?: number } = {}): Promise<Page<Entry>> =>
      read("readJournal", { runId: idOf(target), ...options }, async () => readJournal(await store(), { runId: idOf(target), ...options })),

    compensationPlan: (target: RunTarget): Promise<CompensationPlan> =>
      read("compensationPlan", { runId: idOf(target) }, async () => compensationPlan(await store(), { id: idOf(target) })),
  };
}
