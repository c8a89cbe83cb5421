import { effectMachine, TapeError, type Effect, type Json } from "@tape/core";
import { requireRole, type Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import { parseBody, serializeBody } from "../body.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { assertText } from "../text.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { getEffect } from "./get.ts";
import { lockEffect, type LockedEffect } from "./lock.ts";
import { canBeSent, retryEffect } from "./retry.ts";
import { settleEffect } from "./settle.ts";

export interface ResolveEffect {
  id: string;
  /** It happened; it did not; send it again. */
  outcome: "confirmed" | "failed" | "retry";
  reason: string;
  /** With `confirmed`: what the code gets. */
  result?: unknown;
  actor: Actor;
}

/**
 * A person's word on an effect that is UNKNOWN, or PENDING in a run that nobody drives. Confirmed and failed settle it
 * and wake the run that waits for it. Retry is for what is safe to send again: IDEMPOTENT, or known to be absent at the
 * counterparty.
 *
 * @throws {TapeError} `forbidden`; `not_found`; `illegal_transition` with the status and what to do; `payload_too_large`.
 */
export async function resolveEffect(store: Store, { id, outcome, reason, result, actor }: ResolveEffect): Promise<Effect> {
  requireRole(actor, "operator", "settle an effect");
  assertText(reason, "reason", { max: 2000 });
  serializeBody(result, "result");
  await inTransaction(store, async (tx) => {
    const { run, effect } = await lockEffect(tx, id);
    const refused = refuseToSettle(run, effect) ?? (outcome === "retry" ? await refuseToRetry(tx, run, effect) : null);
    if (refused !== null) throw new TapeError("illegal_transition", refused, { status: effect.status, runStatus: run.status });
    const settlement = { by: "person" as const, actor: actor.id, reason };
    if (outcome === "confirmed") await settleEffect(tx, run, effect, { status: "confirmed", result: result as Json }, settlement);
    if (outcome === "failed") await settleEffect(tx, run, effect, { status: "failed", error: { name: "EffectFailed", message: reason } }, settlement);
    if (outcome === "retry") await retryEffect(tx, run, effect, settlement);
    await appendAudit(tx, {
      actor: actor.id,
      action: "effect.resolve",
      target: id,
      runId: run.id,
      details: { outcome, reason, tool: effect.tool, from: effect.status },
      source: actor.source,
    });
  });
  return await getEffect(store, { id });
}

function refuseToSettle(run: LockedRun, { id, status, dispatch, settledAt, isInFlight }: LockedEffect): string | null {
  if (effectMachine.ended.includes(status)) return `The effect ${id} is ${status} since ${settledAt?.toISOString()}: its outcome stands.`;
  if (status === "PENDING" && dispatch === "INLINE" && run.isDriven) return `The effect ${id} is being performed by ${run.owner}: wait for its outcome, or until that worker is gone.`;
  if (status === "PENDING" && isInFlight) return `The effect ${id} is being sent at this moment: wait for its outcome.`;
  return null;
}

async function refuseToRetry(tx: Tx, run: LockedRun, effect: LockedEffect): Promise<string | null> {
  const { id, status, dispatch, semantics } = effect;
  if (status === "PENDING") return `The effect ${id} is PENDING: it is sent without being asked to, ${dispatch === "OUTBOX" ? "once it is due and a worker has its connector" : "once its run is driven"}.`;
  if (!canBeSent(run, effect)) return `The run of the effect ${id} is ${run.status}, so nobody would send it (${dispatch}). Say confirmed or failed.`;
  if (semantics === "NON_IDEMPOTENT" && !(await isKnownAbsent(tx, effect))) {
    return `The effect ${id} is NON_IDEMPOTENT and may have happened: sending it again could do it twice. Ask the counterparty, then say confirmed or failed.`;
  }
  return null;
}

/** Was its absence the last that was heard of it? */
async function isKnownAbsent(tx: Tx, { runId, id }: LockedEffect): Promise<boolean> {
  const { rows } = await tx.query<{ body: string }>(
    `SELECT b.body FROM tape.entries e JOIN tape.bodies b USING (run_id, seq) WHERE e.run_id = $1 AND e.ref = $2 AND e.kind = 'effect' ORDER BY e.seq DESC LIMIT 1`,
    [runId, id],
  );
  return (parseBody(rows[0]?.body) as { observation?: string } | null)?.observation === "absent";
}
