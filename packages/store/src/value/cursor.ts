import { invalidField, isStorable } from "../text.ts";

/** Where a page of names ended. Opaque to others. */
function encodeName(name: string): string {
  return Buffer.from(JSON.stringify([name])).toString("base64url");
}

/** @throws {TapeError} `invalid_input` for one that we did not write. */
export function decodeName(cursor: string): string {
  try {
    const [name] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown[];
    if (typeof name === "string" && isStorable(name)) return name;
  } catch {
    // Told below.
  }
  throw invalidField("cursor", "take it from nextCursor of the page before, or leave it out");
}

/** Cuts a page out of rows that were asked for with one more than its limit. */
export function cutNames<Row>(rows: Row[], limit: number, nameOf: (row: Row) => string): { rows: Row[]; nextCursor: string | null } {
  const last = rows[limit - 1];
  return { rows: rows.slice(0, limit), nextCursor: rows.length > limit && last !== undefined ? encodeName(nameOf(last)) : null };
}
