import { isMoney, moneyIn, type Obligation, type ObligationStatus, type Page } from "@tape/core";
import { parseBody } from "../body.ts";
import { cutPage, decodeCursor, instantKey, limitOf } from "../cursor.ts";
import { assertId } from "../identity.ts";
import { read } from "../read.ts";
import { Parameters } from "../run/filter.ts";
import type { Store } from "../store.ts";
import { invalidField } from "../text.ts";

type Row = Omit<Obligation, "payload" | "createdAt" | "nextAttemptAt" | "settledAt" | "amount"> & {
  payload: string;
  createdAt: Date;
  nextAttemptAt: Date | null;
  settledAt: Date | null;
  sortAt: string;
};

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
    conditions.push(`run_id = ${parameters.add(runId)}`);
  } else if (status !== "STUCK" && status !== "PENDING") {
    throw invalidField("status", "name a run, or one of STUCK, PENDING");
  }
  // Written out, so that the partial indexes are seen to fit.
  if (status !== undefined) conditions.push(`status = '${status}'`);
  if (cursor !== undefined) {
    const last = decodeCursor(cursor);
    conditions.push(`(created_at, id) > (${parameters.add(last.at)}::timestamptz, ${parameters.add(last.id)})`);
  }
  const rows = await read<Row>(
    store,
    `SELECT id, run_id AS "runId", effect_id AS "effectId", kind, status, payload, attempts, last_error AS "lastError", summary,
       next_attempt_at AS "nextAttemptAt", created_at AS "createdAt", settled_at AS "settledAt", ${instantKey("created_at")} AS "sortAt"
     FROM tape.obligations WHERE ${conditions.join(" AND ")} ORDER BY created_at, id LIMIT ${parameters.add(size + 1)}`,
    parameters.values,
  );
  const page = cutPage(rows, size);
  return { items: page.rows.map(toObligation), nextCursor: page.nextCursor };
}

function toObligation({ sortAt: _, ...row }: Row): Obligation {
  const payload = parseBody(row.payload);
  return {
    ...row,
    payload,
    amount: amountOf(payload),
    nextAttemptAt: row.status === "PENDING" ? (row.nextAttemptAt?.toISOString() ?? null) : null,
    createdAt: row.createdAt.toISOString(),
    settledAt: row.settledAt?.toISOString() ?? null,
  };
}

/** What moves back: as the compensator named it when the effect was confirmed, else the money its effect speaks of. */
function amountOf(payload: unknown): Obligation["amount"] {
  const { amount, result, input } = (payload ?? {}) as Partial<Record<"amount" | "result" | "input", unknown>>;
  if (isMoney(amount)) return { amount: amount.amount, currency: amount.currency };
  return moneyIn(result) ?? moneyIn(input);
}
