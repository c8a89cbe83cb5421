import type * as store from "@tape/store";
import { entriesAfter } from "../journal/entry.ts";
import type { VerbOf } from "../verb.ts";

/** What a driver reads: the whole journal to replay (`fromSeq: 0`), or what came since, with the run's counters. Null when the run does not exist. */
export const readForDriver: VerbOf<typeof store.readForDriver> = (model, { runId, fromSeq }) => {
  const run = model.runs.get(runId);
  if (!run) return null;
  const { status, epoch, inbox, foreignOutcomes: foreign, seq, capMicroUsd, capTokens, spentMicroUsd, spentTokens, reservedMicroUsd, reservedTokens } = run;
  const budget = { capMicroUsd, capTokens, spentMicroUsd, spentTokens, reservedMicroUsd, reservedTokens };
  return { status, epoch, inbox, foreign, seq, now: model.now, budget, entries: entriesAfter(model, runId, fromSeq) };
};
