import type { RecordedError, Run } from "@tape/core";
import { parseBody } from "../body.ts";
import { assertId, notFound } from "../identity.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { RUN_COLUMNS, toSummary, type RunRow } from "./row.ts";
import { whyOf } from "./why.ts";

/**
 * One run with its bodies, and why it is where it is.
 *
 * @throws {TapeError} `not_found`
 */
export async function getRun(store: Store, { id }: { id: string }): Promise<Run> {
  assertId("run", id);
  const [row] = await read<RunRow & { started: string | null; ended: string | null }>(
    store,
    `SELECT ${RUN_COLUMNS}, first.body AS started, last.body AS ended
     FROM tape.runs r
     LEFT JOIN tape.bodies first ON first.run_id = r.id AND first.seq = 1
     LEFT JOIN tape.bodies last ON last.run_id = r.id AND last.seq = r.outcome_seq
     WHERE r.id = $1`,
    [id],
  );
  if (!row) throw notFound("run", id);
  const why = await whyOf(store, [row]);
  const started = parseBody(row.started) as { input?: unknown } | null;
  const ended = parseBody(row.ended) as { output?: unknown; error?: RecordedError } | null;
  return { ...toSummary(row, why.get(id) ?? []), input: started?.input ?? null, output: ended?.output ?? null, error: ended?.error ?? null };
}
