import { TapeError } from "@tape/core";
import { Bell } from "../hint/bell.ts";
import type { HintHub } from "../hint/hub.ts";
import type { Store } from "../store.ts";
import { decodeFeedCursor } from "./cursor.ts";
import { readFeed, type FeedPage, type ReadFeed } from "./read.ts";

/** How often it looks without a hint; an entry whose turn has come late brings none (ms). */
const POLL_MS = 250;

/**
 * The feed of all runs in pages, for ever: what there is after `cursor`, then what comes. Keep the cursor of a page once
 * its entries are dealt with, and a reader that begins again with it misses none. Left out, it begins at the head. Pages
 * are never empty. It goes on through a database that is away.
 *
 * Ends, without an error, when `signal` aborts. Leaving the loop takes its listener off.
 *
 * @throws {TapeError} `invalid_input` for what is no cursor.
 */
export async function* watchJournal(
  store: Store,
  hub: HintHub,
  { cursor: given, signal, ...which }: ReadFeed & { signal?: AbortSignal },
): AsyncGenerator<Pick<FeedPage, "entries" | "cursor">, void, undefined> {
  if (given !== undefined) decodeFeedCursor(given);
  const bell = new Bell();
  const wake = () => bell.ring();
  const unsubscribe = hub.subscribe((hint) => hint.on === "run", wake);
  signal?.addEventListener("abort", wake);
  let cursor = given;
  try {
    while (!signal?.aborted) {
      bell.hush();
      const page = await readOn(store, { ...which, ...(cursor !== undefined && { cursor }) });
      if (page && page.entries.length > 0 && !signal?.aborted) yield { entries: page.entries, cursor: page.cursor };
      cursor = page?.cursor ?? cursor;
      if (!page?.more && !signal?.aborted) await bell.wait(POLL_MS);
    }
  } finally {
    unsubscribe();
    signal?.removeEventListener("abort", wake);
  }
}

async function readOn(store: Store, input: ReadFeed): Promise<FeedPage | null> {
  try {
    return await readFeed(store, input);
  } catch (error) {
    if (TapeError.is(error, "unavailable")) return null;
    throw error;
  }
}
