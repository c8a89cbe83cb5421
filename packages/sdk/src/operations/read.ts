import { runFilter, type CompensationPlan, type Entry, type Page, type Run as RunRecord, type RunFilter, type RunSummary } from "@tape/core";
import { compensationPlan, getRun, listRuns, readJournal } from "@tape/store";
import { z } from "zod";
import type { Connection } from "../connect.ts";
import { promised } from "../drive/asking.ts";
import { checked } from "../given.ts";
import { ask } from "./step.ts";
import { idOf, type RunTarget } from "./target.ts";

const listOptions = z.object({ filter: runFilter.optional(), cursor: z.string().optional(), limit: z.number().optional() });
const journalOptions = z.object({ fromSeq: z.number().optional(), limit: z.number().optional() });

/** What agent code reads is recorded, and the same on every drive. */
export function readsOf(app: string, { store }: Connection) {
  const read = <T>(name: string, given: unknown, act: () => Promise<T>): Promise<T> => ask(app, { name, given, act });
  return {
    getRun: promised((target: RunTarget): Promise<RunRecord> => read("getRun", { runId: idOf(target) }, async () => getRun(await store(), { id: idOf(target) }))),

    listRuns: promised((options: { filter?: RunFilter; cursor?: string; limit?: number } = {}): Promise<Page<RunSummary>> =>
      read("listRuns", checked("listRuns", listOptions, options), async () => listRuns(await store(), { filter: {}, ...options })),
    ),

    readJournal: promised((target: RunTarget, options: { fromSeq?: number; limit?: number } = {}): Promise<Page<Entry>> =>
      read("readJournal", { runId: idOf(target), ...checked("readJournal", journalOptions, options) }, async () => readJournal(await store(), { runId: idOf(target), ...options })),
    ),

    compensationPlan: promised((target: RunTarget): Promise<CompensationPlan> =>
      read("compensationPlan", { runId: idOf(target) }, async () => compensationPlan(await store(), { id: idOf(target) })),
    ),
  };
}
