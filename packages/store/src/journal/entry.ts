import type { Entry } from "@tape/core";

/** An envelope beside its body; the store trusts its own rows. */
export interface EntryRow {
  runId: string;
  seq: number;
  kind: string;
  verb: string;
  at: string;
  body: string | null;
}

/** The body of an entry that retention has thinned out is gone; the entry stays, and says so. */
export function toEntry({ runId, seq, kind, verb, at, body }: EntryRow): Entry {
  const envelope = { runId, seq, kind, verb, at };
  return (body === null ? { ...envelope, payload: {}, dropped: true } : { ...envelope, payload: JSON.parse(body) as unknown }) as Entry;
}
