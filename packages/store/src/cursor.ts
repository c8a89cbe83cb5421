import { TapeError } from "@tape/core";

/** Where a page ended: the sort key of its last row. Lists sort by an instant and an id (D41). */
export interface Keyset {
  /** ISO 8601 with microseconds, as {@link instantKey} writes it: the wire's milliseconds would skip or repeat rows. */
  at: string;
  id: string;
}

const INSTANT = /^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** SQL that writes a timestamptz column with all its microseconds. */
export function instantKey(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

export function encodeCursor({ at, id }: Keyset): string {
  return Buffer.from(JSON.stringify([at, id])).toString("base64url");
}

/** @throws {TapeError} `invalid_input` for one that we did not write. */
export function decodeCursor(cursor: string): Keyset {
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown[];
    if (typeof at === "string" && INSTANT.test(at) && typeof id === "string" && !id.includes("\0")) return { at, id };
  } catch {
    // Told below.
  }
  throw new TapeError("invalid_input", "cursor: take it from nextCursor of the page before, or leave it out", { fields: [{ path: "cursor", message: "is not a cursor" }] });
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** The size of a page: what was asked for, within 1 and {@link MAX_LIMIT}. */
export function limitOf(asked: number | undefined): number {
  return Math.min(Math.max(1, Math.trunc(asked ?? DEFAULT_LIMIT)), MAX_LIMIT);
}

/** Cuts a page out of rows that were asked for with one more than its limit. */
export function cutPage<Row extends { sortAt: string; id: string }>(rows: Row[], limit: number): { rows: Row[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, nextCursor: rows.length > limit && last ? encodeCursor({ at: last.sortAt, id: last.id }) : null };
}
