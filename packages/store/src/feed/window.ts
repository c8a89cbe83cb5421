import { TapeError } from "@tape/core";
import { read } from "../read.ts";
import type { Store } from "../store.ts";

/** A range of transactions, `to` excluded. */
export interface FeedWindow {
  from: string;
  to: string;
}

// None of these statements is prepared: a plan made for any range of transactions would read all of history.

// Up to so many entries, and the rest of the transaction that wrote the last of them.
const BOUNDS = `
  WITH now AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin, pg_snapshot_xmax(pg_current_snapshot()) AS xmax)
  SELECT now.xmin::text AS xmin, now.xmax < $1::xid8 AS "isForeign",
    COALESCE((SELECT e.tx FROM tape.entries e WHERE e.tx >= $1::xid8 AND e.tx < now.xmin ORDER BY e.tx OFFSET $2 LIMIT 1), now.xmin)::text AS "to",
    EXISTS (SELECT FROM tape.entries e WHERE e.tx >= $1::xid8 AND e.tx < now.xmin) AS "hasEntries"
  FROM now`;

// Entries of the window [$1, $2) whose predecessor is beyond it: how far that is, and the first that would need one from $3 on.
const CROSSING = `
  WITH crossing AS MATERIALIZED (
    SELECT * FROM (
      SELECT e.tx, (SELECT p.tx FROM tape.entries p WHERE p.run_id = e.run_id AND p.seq = e.seq - 1) AS before
      FROM tape.entries e WHERE e.tx >= $1::xid8 AND e.tx < $2::xid8
    ) pair WHERE before >= $2::xid8
  )
  SELECT (SELECT before::text FROM crossing ORDER BY crossing.before DESC LIMIT 1) AS furthest,
    (SELECT tx::text FROM crossing WHERE before >= $3::xid8 ORDER BY crossing.tx LIMIT 1) AS "tooEarly"`;

// The oldest entry before $1 whose predecessor is not.
const TORN = `
  SELECT after.tx::text AS tx FROM (SELECT run_id, seq FROM tape.entries WHERE tx >= $1::xid8 OFFSET 0) e
  CROSS JOIN LATERAL (SELECT n.tx FROM tape.entries n WHERE n.run_id = e.run_id AND n.seq = e.seq + 1 AND n.tx < $1::xid8 OFFSET 0) after
  ORDER BY after.tx LIMIT 1`;

/**
 * Where the feed is now: everything below was committed, and nothing below can still come. A little before that where a run
 * would be torn otherwise.
 */
export async function feedHead(store: Store): Promise<string> {
  const [now] = await read<{ xmin: string }>(store, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin");
  for (let head = now!.xmin; ; ) {
    const [torn] = await read<{ tx: string }>(store, TORN, [head]);
    if (!torn) return head;
    head = torn.tx;
  }
}

/**
 * The next window after `from`, of about `size` entries; null while there is none. It ends below the oldest transaction
 * that is still open, so that nothing can come into it any more: one that is long open delays the feed, and loses nothing.
 *
 * A transaction's number says when it first wrote, not when it had its turn at a run: of two entries of a run the later
 * may have the lower number, and an open one may stand between the two. So a window is drawn out until the entry before
 * each of its entries is in it or before it; where that one must still wait, the window ends before its successor.
 *
 * @throws {TapeError} `invalid_input` for a cursor of another database server: its transactions are counted anew.
 */
export async function nextWindow(store: Store, from: string, size: number): Promise<FeedWindow | null> {
  const [bounds] = await read<{ xmin: string; to: string; isForeign: boolean; hasEntries: boolean }>(store, BOUNDS, [from, size]);
  if (bounds!.isForeign) {
    throw new TapeError("invalid_input", "cursor: it is ahead of this database, so it was taken from another one, or the database was restored from a dump: begin at the head again", {
      fields: [{ path: "cursor", message: "is of another database" }],
    });
  }
  if (!bounds!.hasEntries) return null;
  const first = BigInt(from);
  let end = BigInt(bounds!.xmin);
  // The first transaction may itself have more than `size`.
  let to = bounds!.to === from ? first + 1n : BigInt(bounds!.to);
  while (to > first) {
    const [crossing] = await read<{ furthest: string | null; tooEarly: string | null }>(store, CROSSING, [from, String(to), String(end)]);
    const { furthest, tooEarly } = crossing!;
    if (furthest === null) return { from, to: String(to) };
    if (tooEarly === null) to = BigInt(furthest) + 1n;
    else {
      end = BigInt(tooEarly);
      if (to > end) to = end;
    }
  }
  return null;
}
