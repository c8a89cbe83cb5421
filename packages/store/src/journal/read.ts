import type { Entry, Page } from "@tape/core";
import { assertId, notFound } from "../identity.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { invalidField } from "../text.ts";
import { toEntry, type EntryRow } from "./entry.ts";

export const MAX_ENTRIES = 1000;

/**
 * The journal of a run after `fromSeq` (exclusive; 0 for all), in order. `nextCursor` is the next `fromSeq`, as text;
 * null at the present end.
 *
 * @throws {TapeError} `not_found`
 */
export async function readJournal(
  store: Store,
  { runId, fromSeq = 0, limit = 500 }: { runId: string; fromSeq?: number; limit?: number },
): Promise<Page<Entry>> {
  assertId("run", runId);
  if (!Number.isInteger(fromSeq) || fromSeq < 0 || fromSeq > 2 ** 31 - 1) throw invalidField("fromSeq", "must be the seq of an entry, or 0");
  const size = Math.min(Math.max(1, Math.trunc(limit)), MAX_ENTRIES);
  type Row = Omit<EntryRow, "runId" | "seq"> & { last: number; seq: number | null };
  const rows = await read<Row>(store, {
    name: "read_journal",
    text: `SELECT r.seq AS last, e.seq, e.kind, e.verb, tape.iso(e.at) AS at, b.body
           FROM tape.runs r
           LEFT JOIN LATERAL (SELECT * FROM tape.entries WHERE run_id = r.id AND seq > $2 ORDER BY seq LIMIT $3) e ON true
           LEFT JOIN tape.bodies b ON b.run_id = e.run_id AND b.seq = e.seq
           WHERE r.id = $1 ORDER BY e.seq`,
    values: [runId, fromSeq, size],
  });
  const [first] = rows;
  if (!first) throw notFound("run", runId);
  const items = rows.flatMap(({ last: _, seq, ...row }) => (seq === null ? [] : [toEntry({ ...row, runId, seq })]));
  const reached = items.at(-1)?.seq ?? first.last;
  return { items, nextCursor: reached < first.last ? String(reached) : null };
}
