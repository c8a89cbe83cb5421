import type { Entry } from "@tape/core";
import type { Pool } from "pg";
import { toEntry } from "../journal/entry.ts";

/** A run's counters and the entries after `fromSeq`, seen at one instant. */
export interface Reading {
  status: string;
  epoch: number;
  inbox: number;
  foreign: number;
  seq: number;
  /** The database's clock, ms since 1970. */
  now: number;
  /** What its row says of its budget, seen with the entries; absent where there is only a journal: nothing is capped then. */
  budget?: RunBudget;
  entries: Entry[];
}

/** Caps (null: none), what was spent and what is set aside: integer micro-dollars, and tokens. */
interface RunBudget {
  capMicroUsd: number | null;
  capTokens: number | null;
  spentMicroUsd: number;
  spentTokens: number;
  reservedMicroUsd: number;
  reservedTokens: number;
}

const READ = {
  name: "tape_read_for_driver",
  text: `
SELECT r.status, r.epoch, r.inbox, r.foreign_outcomes AS "foreign", r.seq AS "lastSeq",
  r.cap_micro_usd AS "capMicroUsd", r.cap_tokens AS "capTokens", r.spent_micro_usd AS "spentMicroUsd", r.spent_tokens AS "spentTokens",
  r.reserved_micro_usd AS "reservedMicroUsd", r.reserved_tokens AS "reservedTokens",
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
  interface Row extends RunBudget {
    status: string; epoch: number; inbox: number; foreign: number; lastSeq: number; now: string;
    seq: number | null; kind: string; verb: string; at: string; body: string | null;
  }
  const { rows } = await pool.query<Row>({ ...READ, values: [input.runId, input.fromSeq] });
  const [first] = rows;
  if (!first) return null;
  const entries = rows.flatMap((row) => (row.seq === null ? [] : [toEntry({ ...row, runId: input.runId, seq: row.seq })]));
  const { status, epoch, inbox, foreign, lastSeq: seq, capMicroUsd, capTokens, spentMicroUsd, spentTokens, reservedMicroUsd, reservedTokens } = first;
  return { status, epoch, inbox, foreign, seq, now: Number(first.now), budget: { capMicroUsd, capTokens, spentMicroUsd, spentTokens, reservedMicroUsd, reservedTokens }, entries };
}
