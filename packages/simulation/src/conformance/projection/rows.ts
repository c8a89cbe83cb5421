import { COMPARED } from "./columns.ts";

/** A row as plain JSON, its columns named as the model names them. */
export type Row = Readonly<Record<string, unknown>>;

/** Everything that a journal holds: by table, and in it by what a row is known by. */
export type Whole = Readonly<Record<string, ReadonlyMap<string, Row>>>;

/** @throws {Error} for two rows that are known by the same. */
export function wholeOf(tables: Readonly<Record<string, readonly Row[]>>): Whole {
  return Object.fromEntries(Object.entries(tables).map(([table, rows]) => [table, byKey(table, rows)]));
}

/** Lines of the audit log have no name that both sides know: those of one moment stand in no order. */
export function placed(lines: readonly Row[]): Row[] {
  const nameOf = ({ at, actor, action, target, details }: Row) => `${String(at)} ${String(action)} ${String(target)} ${String(actor)} ${JSON.stringify(details)}`;
  return lines.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1)).map((line, place) => ({ ...line, place }));
}

function byKey(table: string, rows: readonly Row[]): Map<string, Row> {
  const columns = COMPARED[table]!;
  const map = new Map<string, Row>();
  for (const row of rows) {
    const key = columns.map((column) => String(row[column])).join(" ");
    if (map.has(key)) throw new Error(`${table}: two rows are known by ${key}`);
    map.set(key, row);
  }
  return map;
}
