import type { Obligation, ObligationStatus, Page } from "@tape/core";
import { cutPage, decodeCursor, instantKey, limitOf } from "../cursor.ts";
import { assertId } from "../identity.ts";
import { read } from "../read.ts";
import { Parameters } from "../run/filter.ts";
import type { Store } from "../store.ts";
import { invalidField } from "../text.ts";
import { OBLIGATION_COLUMNS, toObligation, type ObligationRow } from "./row.ts";

/**
 * Obligations in the order they were registered: those of a run, or all that are STUCK or PENDING.
 *
 * @throws {TapeError} `invalid_input` for another status without a run: those lists would be as long as history.
 */
export async function listObligations(
  store: Store,
  { runId, status, cursor, limit }: { runId?: string; status?: ObligationStatus; cursor?: string; limit?: number },
): Promise<Page<Obligation>> {
  const size = limitOf(limit);
  const parameters = new Parameters();
  const conditions: string[] = [];
  if (runId !== undefined) {
    assertId("run", runId);
    conditions.push(`o.run_id = ${parameters.add(runId)}`);
  } else if (status !== "STUCK" && status !== "PENDING") {
    throw invalidField("status", "name a run, or one of STUCK, PENDING");
  }
  // Written out, so that the partial indexes are seen to fit.
  if (status !== undefined) conditions.push(`o.status = '${status}'`);
  if (cursor !== undefined) {
    const last = decodeCursor(cursor);
    conditions.push(`(o.created_at, o.id) > (${parameters.add(last.at)}::timestamptz, ${parameters.add(last.id)})`);
  }
  const rows = await read<ObligationRow & { sortAt: string }>(
    store,
    `SELECT ${OBLIGATION_COLUMNS}, ${instantKey("o.created_at")} AS "sortAt"
     FROM tape.obligations o WHERE ${conditions.join(" AND ")} ORDER BY o.created_at, o.id LIMIT ${parameters.add(size + 1)}`,
    parameters.values,
  );
  const page = cutPage(rows, size);
  return { items: page.rows.map(toObligation), nextCursor: page.nextCursor };
}
