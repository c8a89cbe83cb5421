import type { Entry, EntryKind } from "@tape/core";
import { toEntry, type EntryRow } from "../journal/entry.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { decodeFeedCursor, encodeFeedCursor, type FeedPosition } from "./cursor.ts";
import { feedHead, nextWindow, type FeedWindow } from "./window.ts";

export interface FeedPage {
  /** Each run's in the order of `seq`; the order between runs says nothing. */
  entries: Entry[];
  /** Where to go on. Opaque; it stays valid over restarts and upgrades. */
  cursor: string;
  /** There is more right now: read on without waiting. A page may be empty and have more after it. */
  more: boolean;
}

export interface ReadFeed {
  /** Of the page before; "start" for all of history. Left out: from now on, and the first page is empty. */
  cursor?: string;
  /** Entries of a page; 1 to 1,000, default 200. Fewer when they are large. */
  limit?: number;
  /** Only these kinds. What is left out moves the cursor too. */
  kinds?: readonly EntryKind[];
}

const DEFAULT_LIMIT = 200;
const MAX_LIMIT = 1_000;
/** A page holds no more than this of bodies, unless its first alone is larger (bytes). */
const MAX_BYTES = 4 * 1024 * 1024;

// Every entry of the window counts towards the page, also those of other kinds: what it costs is what it reads. The window
// is found by its transactions, before it is sorted: the other way round would read all of history.
const PAGE = `
  WITH in_window AS MATERIALIZED (
    SELECT e.run_id, e.seq, e.kind, e.verb, e.at FROM tape.entries e WHERE e.tx >= $1::xid8 AND e.tx < $2::xid8
  ),
  page AS MATERIALIZED (
    SELECT e.*, (SELECT b.body FROM tape.bodies b WHERE b.run_id = e.run_id AND b.seq = e.seq) AS body, $6::text[] IS NULL OR e.kind = ANY ($6) AS wanted
    FROM in_window e WHERE (e.run_id, e.seq) > ($3, $4) ORDER BY e.run_id, e.seq LIMIT $5
  ),
  sized AS (
    SELECT page.*, sum(octet_length(body)) OVER (ORDER BY run_id, seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM page
  )
  SELECT run_id AS "runId", seq, kind, verb, tape.iso(at) AS at, CASE WHEN wanted THEN body END AS body, wanted
  FROM sized WHERE COALESCE(before, 0) < ${MAX_BYTES} ORDER BY run_id, seq`;

/**
 * A page of the feed of all runs, after `cursor` (D38). No entry is skipped or given twice, and those of a run come in
 * the order of `seq`. What it costs does not grow with history. An entry is given once every transaction that began to
 * write before its own has ended: one that stays open for long delays the feed.
 *
 * @throws {TapeError} `invalid_input` for what is no cursor, or one of another database.
 */
export async function readFeed(store: Store, { cursor, limit = DEFAULT_LIMIT, kinds }: ReadFeed = {}): Promise<FeedPage> {
  const size = Math.min(Math.max(1, Math.trunc(limit)), MAX_LIMIT);
  if (cursor === undefined) return { entries: [], cursor: encodeFeedCursor({ from: await feedHead(store), inside: null }), more: false };
  const position = decodeFeedCursor(cursor);
  const window = position.inside ? { from: position.from, to: position.inside.to } : await nextWindow(store, position.from, size);
  if (!window) return { entries: [], cursor: encodeFeedCursor(position), more: false };
  const values = [window.from, window.to, position.inside?.runId ?? "", position.inside?.seq ?? 0, size, kinds ?? null];
  const rows = await read<EntryRow & { wanted: boolean }>(store, PAGE, values);
  const last = rows.at(-1);
  return {
    entries: rows.filter(({ wanted }) => wanted).map(toEntry),
    cursor: encodeFeedCursor(last ? inside(window, last) : { from: window.to, inside: null }),
    // An empty page is the end of its window, and the next may have something.
    more: true,
  };
}

/** The cursor of whoever has had the entries of a page up to this one of them. */
export function feedCursorAt(page: FeedPage, entry: Pick<Entry, "runId" | "seq">): string {
  const { from, inside: reached } = decodeFeedCursor(page.cursor);
  return reached ? encodeFeedCursor(inside({ from, to: reached.to }, entry)) : page.cursor;
}

function inside({ from, to }: FeedWindow, { runId, seq }: Pick<Entry, "runId" | "seq">): FeedPosition {
  return { from, inside: { to, runId, seq } };
}
