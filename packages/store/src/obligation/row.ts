import { isMoney, moneyIn, type Obligation } from "@tape/core";
import { parseBody } from "../body.ts";

/** An obligation as every reading verb selects it; the table is `o`. */
export const OBLIGATION_COLUMNS = `
  o.id, o.run_id AS "runId", o.effect_id AS "effectId", o.kind, o.status, o.payload, o.attempts, o.last_error AS "lastError", o.summary,
  o.next_attempt_at AS "nextAttemptAt", o.created_at AS "createdAt", o.settled_at AS "settledAt"`;

/** In the order of the walk: newest first. */
export const WALK_ORDER = "o.position DESC, o.id DESC";

/** SQL: is obligation `o` still to be undone? */
export const IS_OWED = "o.status IN ('REGISTERED', 'PENDING', 'STUCK')";

/** SQL: which of its effect's reversals obligation `o` is, from 1. Part of its key (D21). */
export const PLACE = `(SELECT count(*) FROM tape.obligations p WHERE p.run_id = o.run_id AND p.effect_key = o.effect_key AND (p.position, p.id) <= (o.position, o.id))::int`;

/** The key a compensator is called with: the same on every attempt. */
export function reversalKey({ effectKey, place }: { effectKey: string; place: number }): string {
  return `${effectKey}/undo/${place}`;
}

export type ObligationRow = Omit<Obligation, "payload" | "createdAt" | "nextAttemptAt" | "settledAt" | "amount"> & {
  payload: string;
  createdAt: Date;
  nextAttemptAt: Date | null;
  settledAt: Date | null;
};

export function toObligation(row: ObligationRow): Obligation {
  const { id, runId, effectId, kind, status, attempts, lastError, summary } = row;
  const payload = parseBody(row.payload);
  return {
    id,
    runId,
    effectId,
    kind,
    status,
    payload,
    attempts,
    lastError,
    nextAttemptAt: status === "PENDING" ? (row.nextAttemptAt?.toISOString() ?? null) : null,
    summary,
    amount: amountOf(payload),
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
