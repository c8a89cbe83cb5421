import { plain } from "../../text.ts";

/** A row as its columns keep it: every text of it {@link plain}. */
export function plainRow<Row extends object>(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plainValue(value)])) as Row;
}

function plainValue(value: unknown): unknown {
  if (typeof value === "string") return plain(value);
  return Array.isArray(value) ? value.map(plainValue) : value;
}
