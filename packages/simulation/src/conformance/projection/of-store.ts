import type { Tx } from "@tape/store";
import { COLUMNS_LEFT_OUT, COMPARED, isInstant, PARSED } from "./columns.ts";
import { placed, wholeOf, type Row, type Whole } from "./rows.ts";

const READ = [...Object.keys(COMPARED), "bodies"];

const part = (table: string) => `'${table}', (SELECT COALESCE(json_agg(t), '[]') FROM tape."${table}" t)`;

/** Every table in one statement, so that what is read is of one moment. */
const EVERYTHING = { name: "conformance_everything", text: `SELECT json_build_object(${READ.map(part).join(", ")}) AS everything` };

/** One connection, so that the statement is planned once. */
type Session = Pick<Tx, "query">;

type Stored = Record<string, unknown>;

/** What the database holds, in the shape of {@link wholeOfModel}. */
export async function wholeOfStore(session: Session): Promise<Whole> {
  const { rows } = await session.query<{ everything: Record<string, Stored[]> }>(EVERYTHING);
  const { bodies = [], ...stored } = rows[0]!.everything;
  const tables = Object.fromEntries(Object.entries(stored).map(([table, own]) => [table, own.map((row) => shown(table, row))]));
  return wholeOf({ ...tables, audit: placed(tables.audit!), entries: withPayloads(tables.entries!, bodies.map((row) => shown("bodies", row))) });
}

function shown(table: string, row: Stored): Row {
  const left = COLUMNS_LEFT_OUT[table] ?? {};
  const parsed = PARSED[table] ?? [];
  const columns = Object.entries(row).flatMap(([column, value]) => {
    if (column in left) return [];
    if (value === null) return [[camel(column), null]];
    if (parsed.includes(column)) return [[camel(column), JSON.parse(value as string) as unknown]];
    return [[camel(column), isInstant(column) ? milliseconds(value as string) : value]];
  });
  return Object.fromEntries(columns) as Row;
}

/** An entry whose body is missing has no payload, and a body without its entry is an entry of nothing else. */
function withPayloads(entries: readonly Row[], bodies: readonly Row[]): Row[] {
  const nameOf = ({ runId, seq }: Row) => `${String(runId)} ${String(seq)}`;
  const payloads = new Map(bodies.map((row) => [nameOf(row), row]));
  const whole = entries.map((entry) => {
    const body = payloads.get(nameOf(entry));
    payloads.delete(nameOf(entry));
    return body ? { ...entry, payload: body.body } : entry;
  });
  return [...whole, ...[...payloads.values()].map(({ runId, seq, body }) => ({ runId, seq, payload: body }))];
}

function camel(column: string): string {
  return column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** PostgreSQL's text of an instant, with the microseconds that a date would drop. */
function milliseconds(text: string): number {
  const micro = /\.\d{3}(\d{1,3})/.exec(text)?.[1] ?? "";
  return Date.parse(text) + Number(micro.padEnd(3, "0")) / 1_000;
}
