import type { RecordedError } from "@tape/core";
import type * as store from "@tape/store";
import { plainJson } from "../model.ts";
import type { VerbOf } from "../verb.ts";
import { lockRun } from "./lock.ts";
import { toSummary } from "./row.ts";

/** One run with its bodies. */
export const getRun: VerbOf<typeof store.getRun> = (model, { id }) => {
  const run = lockRun(model, id);
  const journal = model.journals.get(id)!;
  const started = journal[0]!.payload as { input: unknown };
  const ended = (run.outcomeSeq === null ? {} : journal[run.outcomeSeq - 1]!.payload) as { output?: unknown; error?: RecordedError };
  return plainJson({ ...toSummary(model, run), input: started.input, output: ended.output ?? null, error: ended.error ?? null });
};
