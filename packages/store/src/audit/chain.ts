import { createHash } from "node:crypto";
import { instantKey } from "../cursor.ts";

/** An audit row as it is hashed: every column that never changes, with all its microseconds. */
export interface Link {
  id: string;
  at: string;
  actor: string;
  action: string;
  target: string;
  runId: string | null;
  details: string;
  source: string | null;
}

export const LINK_COLUMNS = `id, ${instantKey("at")} AS at, actor, action, target, run_id AS "runId", details, source`;

/** Before the first row. */
export const GENESIS: Buffer = Buffer.alloc(32);

/** SHA-256 over the hash before and this row: a row that is changed, taken out or put between breaks every hash after it. */
export function linkHash(previous: Buffer, position: number, link: Link): Buffer {
  const { id, at, actor, action, target, runId, details, source } = link;
  const row = JSON.stringify([position, id, at, actor, action, target, runId, details, source]);
  return createHash("sha256").update(previous).update(row).digest();
}
