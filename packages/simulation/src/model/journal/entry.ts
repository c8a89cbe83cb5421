import type { Entry } from "@tape/core";
import { iso } from "../iso.ts";
import { plainJson, type Model } from "../model.ts";

/** The entries of a run after this number, as they are read. */
export function entriesAfter(model: Model, runId: string, fromSeq: number): Entry[] {
  return model.journals.get(runId)!.slice(fromSeq).map(({ seq, kind, verb, at, payload }) => ({ runId, seq, kind, verb, at: iso(at), payload: plainJson(payload) }) as Entry);
}
