import { progress, type Value } from "@tape/core";
import type { QueryConfig, QueryResult, QueryResultRow } from "pg";
import { toValue, type ValueRow } from "./row.ts";
import { WRITE_VALUES } from "./statement.ts";

/** One write of one value. Names and sizes were checked. */
export interface ValueWrite {
  namespace: string;
  key: string;
  /** JSON text; null deletes. */
  value: string | null;
  /** Only if this is the present version; 0: only if it was never written. */
  ifVersion?: number;
  /** Only if it is not live: never written, or deleted. */
  ifNotLive?: boolean;
  /** Who, as readers see it: `user:…`, `run:…`, `sdk:…`. */
  writer: string;
  /** The key of the step of agent code that asks it. Asked again under the same step, it answers what it wrote. */
  step?: string;
  /** Only while this driver holds the run's lease. */
  fence?: { runId: string; owner: string; epoch: number };
}

export type ValueOutcome =
  /** `written` false: nothing changed; the step wrote this before, or progress would have run backwards. */
  | { ok: true; value: Value; written: boolean }
  | { ok: false; code: "version_conflict" | "not_found" | "lease_lost"; /** The present one; 0: never written. */ version: number; live: boolean };

interface Answer {
  place: number;
  does: "written" | "again" | "repeated" | "unchanged" | "version_conflict" | "not_found" | "lease_lost";
  version: number;
  at: Date;
  value: string | null;
  writer: string;
  live: boolean;
}

/** What can send a statement: a pool, or a transaction. */
export interface Queryable {
  query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>>;
}

/**
 * Writes and deletes values, all in one statement, at most one for each `(namespace, key)`; answers each input by its
 * place, refusals included. Every write is the next version, kept in the history in the same statement.
 *
 * Progress never runs backwards: a fenced write to `progress` in the namespace `runs/<its own run>` that says the same
 * `total` as the live value and a smaller `done` changes nothing, and answers the present value. A run that is driven
 * again counts from the beginning, and its bar stands still until it has caught up.
 */
export async function writeValues(db: Queryable, writes: readonly ValueWrite[]): Promise<ValueOutcome[]> {
  const outcomes: ValueOutcome[] = [];
  let waiting = writes.map((write, place) => ({ write, place }));
  while (waiting.length > 0) {
    const { rows } = await db.query<Answer>({ ...WRITE_VALUES, values: valuesOf(waiting) });
    const again = new Set<number>();
    for (const answer of rows) {
      if (answer.does === "again") again.add(answer.place);
      else outcomes[answer.place] = outcomeOf(writes[answer.place]!, answer);
    }
    waiting = waiting.filter(({ place }) => again.has(place));
  }
  return outcomes;
}

function valuesOf(inputs: { write: ValueWrite; place: number }[]): unknown[] {
  const writes = inputs.map(({ write }) => write);
  const counted = writes.map(countedBy);
  return [
    inputs.map(({ place }) => place),
    writes.map(({ namespace }) => namespace),
    writes.map(({ key }) => key),
    writes.map(({ value }) => value),
    writes.map(({ writer }) => writer),
    writes.map(({ ifVersion }) => ifVersion ?? null),
    writes.map(({ ifNotLive }) => ifNotLive ?? false),
    writes.map(({ step }) => step ?? null),
    writes.map(({ fence }) => fence?.runId ?? null),
    writes.map(({ fence }) => fence?.owner ?? null),
    writes.map(({ fence }) => fence?.epoch ?? null),
    counted.map((one) => one?.done ?? null),
    counted.map((one) => one?.total ?? null),
  ];
}

/** How far a run says that it is, if this is where it says so. */
function countedBy({ namespace, key, value, fence }: ValueWrite): { done: number; total: number } | null {
  if (value === null || fence === undefined || key !== "progress" || namespace !== `runs/${fence.runId}`) return null;
  const parsed = progress.safeParse(JSON.parse(value));
  return parsed.success ? parsed.data : null;
}

function outcomeOf(write: ValueWrite, answer: Answer): ValueOutcome {
  const { does, version, live } = answer;
  if (does === "version_conflict" || does === "not_found" || does === "lease_lost") return { ok: false, code: does, version, live };
  const value = does === "written" ? write.value : answer.value;
  const row: ValueRow = { namespace: write.namespace, key: write.key, value, version, writer: answer.writer, at: answer.at, deleted: value === null };
  return { ok: true, value: toValue(row), written: does === "written" };
}
