import { assertId, notFound } from "../identity.ts";
import { lockRun, type LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";
import { EFFECT_COLUMNS, EFFECT_JOINS, type EffectRow } from "./row.ts";

export interface LockedEffect extends EffectRow {
  claim: string | null;
  /** The claim has not run out. */
  isClaimed: boolean;
  /** OUTBOX: somebody began to send it and has not said how it ended. */
  isMarked: boolean;
  /** OUTBOX: somebody is sending it at this moment. */
  isInFlight: boolean;
}

/**
 * Locks an effect's run, then the effect, and reads both after: what they say holds until the transaction ends.
 *
 * @throws {TapeError} `not_found`
 */
export async function lockEffect(tx: Tx, effectId: string): Promise<{ run: LockedRun; effect: LockedEffect }> {
  assertId("eff", effectId);
  const { rows } = await tx.query<{ runId: string }>(`SELECT run_id AS "runId" FROM tape.effects WHERE id = $1`, [effectId]);
  if (!rows[0]) throw notFound("eff", effectId);
  const run = await lockRun(tx, rows[0].runId);
  const locked = await tx.query<LockedEffect>(
    `SELECT ${EFFECT_COLUMNS}, e.claim, COALESCE(e.claim_expires_at > tape.now(), false) AS "isClaimed", e.in_flight_at IS NOT NULL AS "isMarked", e.in_flight_at IS NOT NULL AND COALESCE(e.claim_expires_at > tape.now(), false) AS "isInFlight"
     FROM tape.effects e ${EFFECT_JOINS} WHERE e.run_id = $1 AND e.id = $2 FOR UPDATE OF e`,
    [run.id, effectId],
  );
  if (!locked.rows[0]) throw notFound("eff", effectId);
  return { run, effect: locked.rows[0] };
}
