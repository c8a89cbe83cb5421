import { isMoney, moneyIn, type Obligation } from "@tape/core";
import type { Reversal } from "@tape/store";
import { iso } from "../iso.ts";
import { inReverse } from "../in-order.ts";
import { ofRun, type Model, type ObligationRow } from "../model.ts";

/** A run's obligations in the order of the walk: newest first. */
export function inWalkOrder(model: Model, runId: string): ObligationRow[] {
  return inReverse(ofRun(model.obligations, runId), ({ position, id }) => [position, id]);
}

/** Is it still to be undone? */
export function isOwed({ status }: ObligationRow): boolean {
  return status === "REGISTERED" || status === "PENDING" || status === "STUCK";
}

/** Until its next attempt (ms); 0 when it is due. */
export function dueInMs(model: Model, { nextAttemptAt }: ObligationRow): number {
  return nextAttemptAt === null ? 0 : Math.max(0, nextAttemptAt - model.now);
}

/** As its compensator is called: on every attempt under the same key, which says which of its effect's reversals it is (D21). */
export function toReversal(model: Model, obligation: ObligationRow): Reversal {
  const { id, runId, effectId, effectKey, kind, connector, attempts } = obligation;
  const ofEffect = inWalkOrder(model, runId).toReversed().filter((other) => other.effectKey === effectKey);
  const { input = null, result = null, externalRef, copy } = (JSON.parse(obligation.payload) ?? {}) as Partial<Reversal["payload"]>;
  return {
    id,
    effectId,
    kind,
    connector,
    payload: { input, result, ...(externalRef !== undefined && { externalRef }), ...(copy && { copy }) },
    attempt: attempts + 1,
    key: `${effectKey}/undo/${ofEffect.indexOf(obligation) + 1}`,
  };
}

export function toObligation({ id, runId, effectId, kind, status, attempts, lastError, summary, nextAttemptAt, createdAt, settledAt, payload: text }: ObligationRow): Obligation {
  const payload: unknown = JSON.parse(text);
  return {
    id,
    runId,
    effectId,
    kind,
    status,
    payload,
    attempts,
    lastError,
    nextAttemptAt: status === "PENDING" ? iso(nextAttemptAt) : null,
    summary,
    amount: amountOf(payload),
    createdAt: iso(createdAt),
    settledAt: iso(settledAt),
  };
}

/** What moves back: as the compensator named it when the effect was confirmed, else the money its effect speaks of. */
function amountOf(payload: unknown): Obligation["amount"] {
  const { amount, result, input } = (payload ?? {}) as Partial<Record<"amount" | "result" | "input", unknown>>;
  return isMoney(amount) ? { amount: amount.amount, currency: amount.currency } : (moneyIn(result) ?? moneyIn(input));
}
