import type { Effect, EffectStatus, Page } from "@tape/core";
import { cutPage, decodeCursor, instantKey, limitOf } from "../cursor.ts";
import { assertId } from "../identity.ts";
import { read } from "../read.ts";
import { Parameters } from "../run/filter.ts";
import type { Store } from "../store.ts";
import { invalidField } from "../text.ts";
import { EFFECT_COLUMNS, EFFECT_JOINS, toEffect, type EffectRow } from "./row.ts";

/**
 * Effects, oldest first: those of a run in the order they were asked, or without a run all that are UNKNOWN by how long they
 * have been, or those that are PENDING because their sending keeps failing.
 *
 * @throws {TapeError} `invalid_input` for another status without a run: those lists would be as long as history.
 */
export async function listEffects(
  store: Store,
  { runId, status, cursor, limit }: { runId?: string; status?: EffectStatus; cursor?: string; limit?: number },
): Promise<Page<Effect>> {
  const size = limitOf(limit);
  const parameters = new Parameters();
  const conditions: string[] = [];
  if (runId !== undefined) {
    assertId("run", runId);
    conditions.push(`e.run_id = ${parameters.add(runId)}`);
  } else if (status !== "UNKNOWN" && status !== "PENDING") {
    throw invalidField("status", "name a run, or the status UNKNOWN, or PENDING for what keeps failing to be sent");
  } else {
    conditions.push(status === "UNKNOWN" ? "e.unknown_since IS NOT NULL" : "e.needs_person");
  }
  if (status !== undefined) conditions.push(`e.status = ${parameters.add(status)}`);
  const at = runId === undefined && status === "UNKNOWN" ? "e.unknown_since" : "e.created_at";
  if (cursor !== undefined) {
    const last = decodeCursor(cursor);
    conditions.push(`(${at}, e.id) > (${parameters.add(last.at)}::timestamptz, ${parameters.add(last.id)})`);
  }
  const rows = await read<EffectRow & { sortAt: string }>(
    store,
    `SELECT ${EFFECT_COLUMNS}, ${instantKey(at)} AS "sortAt" FROM tape.effects e ${EFFECT_JOINS}
     WHERE ${conditions.join(" AND ")} ORDER BY ${at}, e.id LIMIT ${parameters.add(size + 1)}`,
    parameters.values,
  );
  const page = cutPage(rows, size);
  return { items: page.rows.map(toEffect), nextCursor: page.nextCursor };
}
