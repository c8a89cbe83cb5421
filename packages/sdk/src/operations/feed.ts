import { ENTRY_KINDS, TapeError, type Entry, type EntryKind } from "@tape/core";
import { watchJournal } from "@tape/store";
import { z } from "zod";
import type { Connection } from "../connect.ts";
import { currentRun } from "../context.ts";
import { aSignal, checked } from "../given.ts";

export interface WatchJournalOptions {
  /** Of the last page you have dealt with; `"start"` for all of history. Default: from now on. */
  cursor?: string;
  /** Only these kinds of entries. */
  kinds?: readonly EntryKind[];
  /** Entries of a page at most, 1 to 1,000. Default 200. */
  limit?: number;
  /** Ends the watch, without an error. */
  signal?: AbortSignal;
}

/** Entries of any runs, as `readJournal` gives them: each run's in the order of `seq`. */
export interface JournalPage {
  entries: Entry[];
  /** Opaque. Keep it once the entries are dealt with. */
  cursor: string;
}

const feedOptions = z.object({ cursor: z.string().optional(), kinds: z.array(z.enum(ENTRY_KINDS)).optional(), limit: z.number().optional(), signal: aSignal.optional() });

export function watchJournalOperation(connection: Connection) {
  return (options: WatchJournalOptions = {}): AsyncIterable<JournalPage> => {
    if (currentRun()) throw new TapeError("invalid_input", "watchJournal: a run does not watch others; await a signal (awaitSignal), or have a sink do it");
    return pages(connection, checked("watchJournal", feedOptions, options));
  };
}

async function* pages(connection: Connection, { signal, ...which }: WatchJournalOptions): AsyncGenerator<JournalPage> {
  const { closing } = connection;
  const store = await connection.store();
  const either = signal ? AbortSignal.any([signal, closing]) : closing;
  if (either.aborted) return;
  yield* watchJournal(store, connection.hints(store), { ...which, signal: either });
}
