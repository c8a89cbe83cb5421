import type { Entry } from "@tape/core";
import type { Pool } from "pg";

/** A run's counters and the entries after `fromSeq`, seen at one instant. */
export interface Reading {
  status: string;
  epoch: number;
  inbox: number;
  foreign: number;
  seq: number;
  /** The database's clock, ms since 1970. */
  now: number;
  entries: Entry[];
}

const READ = {
  name: "tape_read_for_driver",
  text: `
SELECT r.status, r.epoch, r.inbox, r.foreign_outcomes AS "foreign", r.seq AS "lastSeq",
  extract(epoch FROM tape.now()) * 1000 AS now, e.seq, e.kind, e.verb, tape.iso(e.at) AS at, b.body
FROM tape.runs r
LEFT JOIN tape.entries e ON e.run_id = r.id AND e.seq > $2
LEFT JOIN tape.bodies b ON b.run_id = e.run_id AND b.seq = e.seq
WHERE r.id = $1 ORDER BY e.seq`,
};

/**
 * What a driver reads: the whole journal to replay (`fromSeq: 0`), or what came since. Counters and entries are of one
 * snapshot, so whoever saw `inbox` has seen every arrival it counts. Null when the run does not exist.
 */
export async function readForDriver({ pool }: { pool: Pool }, input: { runId: string; fromSeq: number }): Promise<Reading | null> {
  interface Row {
    status: string; epoch: number; inbox: number; foreign: number; lastSeq: number; now: string;
    seq: number | null; kind: string; verb: string; at: string; body: string | null;
  }
  const { rows } = await pool.query<Row>({ ...READ, values: [input.runId, input.fromSeq] });
  const [first] = rows;
  if (!first) return null;
  const entries = rows.flatMap((row) => (row.seq === null ? [] : [toEntry(input.runId, row.seq, row)]));
  return { status: first.status, epoch: first.epoch, inbox: first.inbox, foreign: first.foreign, seq: first.lastSeq, now: Number(first.now), entries };
}

/** The store trusts its own rows: a body was checked when it was written. */
function toEntry(runId: string, seq: number, row: { kind: string; verb: string; at: string; body: string | null }): Entry {
  const payload: unknown = row.body === null ? {} : JSON.parse(row.body);
  return { runId, seq, kind: row.kind, verb: row.verb, at: row.at, payload } as Entry;
}
