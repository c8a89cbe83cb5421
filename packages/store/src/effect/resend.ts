import type { Effect } from "@tape/core";
import type { LockedRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { getEffect } from "./get.ts";
import { lockEffect, type LockedEffect } from "./lock.ts";
import { claimLost } from "./observe.ts";
import { backoffMs, postponeEffect } from "./postpone.ts";
import { canBeSent, retryEffect } from "./retry.ts";

const MOST_RESENDS = 5;

/**
 * For an UNKNOWN effect that nobody can be asked about (D22): an IDEMPOTENT one is sent again under its key, 1 s after
 * it was lost and then by back-off, five times; after that, and for any other, a person has the word. An effect that
 * was settled meanwhile is left alone.
 *
 * @throws {TapeError} `not_found`; `lease_lost` when somebody else has claimed it since.
 */
export async function resendEffect(store: Store, { effectId, claim }: { effectId: string; claim: string }): Promise<Effect> {
  await inTransaction(store, async (tx) => {
    const { run, effect } = await lockEffect(tx, effectId);
    if (effect.status !== "UNKNOWN") return;
    if (effect.claim !== claim) throw claimLost(effect);
    await resend(tx, run, effect);
  });
  return await getEffect(store, { id: effectId });
}

async function resend(tx: Tx, run: LockedRun, effect: LockedEffect): Promise<void> {
  const leave = (message: string) => postponeEffect(tx, run, effect, { observation: "inconclusive", message, nextInMs: null, needsPerson: true });
  if (effect.semantics === "NON_IDEMPOTENT") return await leave("nobody can be asked, and it must not be sent twice");
  if (!canBeSent(run, effect)) return await leave(`nobody can be asked, and its run is ${run.status}`);
  const { resends, lostForMs } = await countResends(tx, effect);
  if (resends >= MOST_RESENDS) return await leave(`sent again ${resends} times without an acknowledgement, and nobody can be asked`);
  const dueInMs = backoffMs(resends + 1) - lostForMs;
  if (dueInMs > 0) return await sleepOn(tx, effect, dueInMs);
  await retryEffect(tx, run, effect, { by: "reconciler", reason: "nobody can be asked; safe to send again under its key" });
}

async function countResends(tx: Tx, { runId, id }: LockedEffect): Promise<{ resends: number; lostForMs: number }> {
  const { rows } = await tx.query<{ resends: number; lostForMs: number }>(
    `SELECT (extract(epoch FROM tape.now() - e.unknown_since) * 1000)::float8 AS "lostForMs",
       (SELECT count(*)::int FROM tape.entries j WHERE j.run_id = $1 AND j.ref = $2 AND j.kind = 'effect' AND j.verb = 'retried') AS resends
     FROM tape.effects e WHERE e.run_id = $1 AND e.id = $2`,
    [runId, id],
  );
  return rows[0]!;
}

/** Not yet: nothing happened that a journal should tell. */
async function sleepOn(tx: Tx, { runId, key }: LockedEffect, dueInMs: number): Promise<void> {
  await tx.query(
    `UPDATE tape.effects SET next_check_at = tape.now() + $3 * interval '1 ms', claim = NULL, claim_expires_at = NULL WHERE run_id = $1 AND key = $2`,
    [runId, key, dueInMs],
  );
}
