import type { ObligationStatus } from "@tape/core";
import { lockEffect } from "../effect/lock.ts";
import { settleEffect } from "../effect/settle.ts";
import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";
import { makeEffect, type EffectShape, type MadeEffect } from "./effect.ts";

export interface ObligationShape extends Omit<EffectShape, "status"> {
  /** The compensator's name. Default `unwire`. */
  compensator?: string;
  result?: unknown;
  /** What the effect did, and what undoing it does, in words. */
  did?: string;
  summary?: string;
  /** Default REGISTERED: dormant. A run that is STUCK by it is made so by the caller. */
  status?: Extract<ObligationStatus, "REGISTERED" | "PENDING" | "STUCK">;
  attempts?: number;
  /** PENDING: from now (ms). Default: due. */
  retryInMs?: number;
}

export interface MadeObligation {
  id: string;
  runId: string;
  effect: MadeEffect;
}

/** What a confirmed effect of a run owes: the newest of the run, as a driver registers it. */
export async function makeObligation(store: Store, runId: string, shape: ObligationShape = {}): Promise<MadeObligation> {
  const { compensator = "unwire", result = { ref: "bank-7" }, did, summary, status = "REGISTERED", attempts = 0, retryInMs, ...asked } = shape;
  const effect = await makeEffect(store, runId, { ...asked, compensator, status: "PENDING" });
  await inTransaction(store, async (tx) => {
    const locked = await lockEffect(tx, effect.id);
    await settleEffect(tx, locked.run, locked.effect, { status: "confirmed", result, ...(did !== undefined && { summary: did }) }, { by: "driver" });
  });
  const { rows } = await store.pool.query<{ id: string }>(
    `UPDATE tape.obligations SET status = $2, attempts = $3, summary = $4, last_error = CASE WHEN $3 > 0 THEN 'the bank is closed' END,
       next_attempt_at = CASE WHEN $2 = 'PENDING' THEN tape.now() + $5 * interval '1 ms' END
     WHERE effect_id = $1 RETURNING id`,
    [effect.id, status, attempts, summary ?? null, retryInMs ?? null],
  );
  if (status === "PENDING") await store.pool.query("UPDATE tape.runs SET armed = armed + 1 WHERE id = $1", [runId]);
  return { id: rows[0]!.id, runId, effect };
}
