import type { Page, RunFilter, RunSummary } from "@tape/core";
import { cutPage, decodeCursor, limitOf } from "../cursor.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { branchStatusesOf, conditionsOf, Parameters, searchesOf } from "./filter.ts";
import { RUN_COLUMNS, toSummary, type RunRow } from "./row.ts";
import { whyOf } from "./why.ts";

/**
 * Runs that match, newest first by `(createdAt, id)`, in pages. Costs a page and not the table: each status and each
 * thing that `q` may find is looked for by its own index, at most a page of each, and the pages are merged.
 *
 * @throws {TapeError} `invalid_input`
 */
export async function listRuns(
  store: Store,
  { filter = {}, cursor, limit }: { filter?: RunFilter; cursor?: string; limit?: number },
): Promise<Page<RunSummary>> {
  const size = limitOf(limit);
  const parameters = new Parameters();
  const common = conditionsOf(filter, parameters);
  if (cursor !== undefined) {
    const { at, id } = decodeCursor(cursor);
    common.push(`(r.created_at, r.id) < (${parameters.add(at)}::timestamptz, ${parameters.add(id)})`);
  }
  const statuses = branchStatusesOf(filter).map((status) => `r.status = ${parameters.add(status)}`);
  const searches = searchesOf(filter.q, parameters);
  const most = parameters.add(size + 1);
  const branches = cross(statuses, searches).map((own) => branch([...own, ...common], most));
  const text = `SELECT ${RUN_COLUMNS} FROM tape.runs r WHERE r.id IN (SELECT id FROM (${branches.join(" UNION ALL ")}) AS found)
    ORDER BY r.created_at DESC, r.id DESC LIMIT ${most}`;

  const { rows, nextCursor } = cutPage(await read<RunRow>(store, text, parameters.values), size);
  const why = await whyOf(store, rows);
  return { items: rows.map((row) => toSummary(row, why.get(row.id) ?? [])), nextCursor };
}

/** One search through one index, in the order of the list. */
function branch(conditions: string[], most: string): string {
  const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
  return `(SELECT r.id FROM tape.runs r ${where} ORDER BY r.created_at DESC, r.id DESC LIMIT ${most})`;
}

/** Every combination of one of each; a missing side adds nothing. */
function cross(left: string[], right: string[]): string[][] {
  const lefts = left.length > 0 ? left.map((one) => [one]) : [[]];
  const rights = right.length > 0 ? right.map((one) => [one]) : [[]];
  return lefts.flatMap((one) => rights.map((other) => [...one, ...other]));
}
