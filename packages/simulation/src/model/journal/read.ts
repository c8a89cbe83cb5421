import type * as store from "@tape/store";
import { lockRun } from "../run/lock.ts";
import { invalidField } from "../text.ts";
import type { VerbOf } from "../verb.ts";
import { entriesAfter } from "./entry.ts";

const MAX_ENTRIES = 1000;

/** The journal of a run after `fromSeq`, in order. `nextCursor` is the next `fromSeq`, as text; null at the present end. */
export const readJournal: VerbOf<typeof store.readJournal> = (model, { runId, fromSeq = 0, limit = 500 }) => {
  const isSeq = Number.isInteger(fromSeq) && fromSeq >= 0 && fromSeq <= 2 ** 31 - 1;
  if (!isSeq) throw invalidField("fromSeq", "must be the seq of an entry, or 0");
  const run = lockRun(model, runId);
  const items = entriesAfter(model, runId, fromSeq).slice(0, Math.min(Math.max(1, Math.trunc(limit)), MAX_ENTRIES));
  const reached = items.at(-1)?.seq ?? run.seq;
  return { items, nextCursor: reached < run.seq ? String(reached) : null };
};
