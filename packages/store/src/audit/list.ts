import type { AuditRecord, Page } from "@tape/core";
import { parseBody } from "../body.ts";
import { cutPage, decodeCursor, instantKey, limitOf } from "../cursor.ts";
import { assertId } from "../identity.ts";
import { read } from "../read.ts";
import { Parameters } from "../run/filter.ts";
import type { Store } from "../store.ts";

type Row = Omit<AuditRecord, "at" | "details"> & { at: Date; details: string; sortAt: string };

/** The audit log in pages, the latest first: all of it, or what was done to one run. */
export async function listAudit(store: Store, { runId, cursor, limit }: { runId?: string; cursor?: string; limit?: number } = {}): Promise<Page<AuditRecord>> {
  const size = limitOf(limit);
  const parameters = new Parameters();
  const conditions = ["true"];
  if (runId !== undefined) {
    assertId("run", runId);
    conditions.push(`run_id = ${parameters.add(runId)}`);
  }
  if (cursor !== undefined) {
    const last = decodeCursor(cursor);
    conditions.push(`(at, id) < (${parameters.add(last.at)}::timestamptz, ${parameters.add(last.id)})`);
  }
  const rows = await read<Row>(
    store,
    `SELECT id, at, actor, action, target, run_id AS "runId", details, position, ${instantKey("at")} AS "sortAt"
     FROM tape.audit WHERE ${conditions.join(" AND ")} ORDER BY at DESC, id DESC LIMIT ${parameters.add(size + 1)}`,
    parameters.values,
  );
  const page = cutPage(rows, size);
  return { items: page.rows.map(({ sortAt: _, ...row }) => ({ ...row, at: row.at.toISOString(), details: parseBody(row.details) })), nextCursor: page.nextCursor };
}
