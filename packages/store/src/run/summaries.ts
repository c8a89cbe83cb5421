import type { RunFilter, RunSummary } from "@tape/core";
import { isId } from "../identity.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { conditionsOf, Parameters, searchesOf, statusesOf } from "./filter.ts";
import { RUN_COLUMNS, toSummary, type RunRow } from "./row.ts";
import { whyOf } from "./why.ts";

/** Those of these runs that match the filter now, newest first: what a live list does with a hint. Unknown ids are left out. */
export async function getRunSummaries(store: Store, { ids, filter = {} }: { ids: readonly string[]; filter?: RunFilter }): Promise<RunSummary[]> {
  const known = ids.filter((id) => isId("run", id));
  if (known.length === 0) return [];
  const parameters = new Parameters();
  const conditions = [`r.id = ANY (${parameters.add(known)})`, ...conditionsOf(filter, parameters)];
  const statuses = statusesOf(filter);
  if (statuses) conditions.push(`r.status = ANY (${parameters.add(statuses)})`);
  const searches = searchesOf(filter.q, parameters);
  if (searches.length > 0) conditions.push(`(${searches.join(" OR ")})`);
  const text = `SELECT ${RUN_COLUMNS} FROM tape.runs r WHERE ${conditions.join(" AND ")} ORDER BY r.created_at DESC, r.id DESC`;
  const rows = await read<RunRow>(store, text, parameters.values);
  const why = await whyOf(store, rows);
  return rows.map((row) => toSummary(row, why.get(row.id) ?? []));
}
