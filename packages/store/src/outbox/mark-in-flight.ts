import { assertId } from "../identity.ts";
import { lockEffect, type LockedEffect } from "../effect/lock.ts";
import { claimLost } from "../effect/observe.ts";
import { canBeSent } from "../effect/retry.ts";
import { appendToRun } from "../journal/append.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { giveUpUnsent } from "./give-up-unsent.ts";

export interface MarkInFlight {
  effectId: string;
  /** As `claimOutbox` gave it. */
  claim: string;
  /** How long the claim holds from here on: longer than the connector may take (ms). Default 90,000. */
  forMs?: number;
}

/** Send it; or do not, because its run has ended otherwise than well: it is FAILED (`cancelled`). */
export type Marked = { to: "send" } | { to: "cancelled" };

const HELD_MS = 90_000;

/**
 * Says that a claimed effect is about to be sent, before it is. Refused unless its run is live or COMPLETED (D17): then
 * it is settled as never sent. The same mark twice is one.
 *
 * @throws {TapeError} `not_found`; `lease_lost`, naming whose it is now: it must not be sent
 */
export async function markInFlight(store: Store, { effectId, claim, forMs = HELD_MS }: MarkInFlight): Promise<Marked> {
  assertId("eff", effectId);
  return await inTransaction(store, async (tx): Promise<Marked> => {
    const { run, effect } = await lockEffect(tx, effectId);
    if (effect.status !== "PENDING" || effect.claim !== claim) throw claimLost(effect);
    if (effect.isMarked) return { to: "send" };
    if (!canBeSent(run, effect)) {
      await giveUpUnsent(tx, run, effect);
      return { to: "cancelled" };
    }
    await mark(tx, run, effect, { claim, forMs });
    return { to: "send" };
  });
}

async function mark(tx: Tx, run: LockedRun, effect: LockedEffect, { claim, forMs }: { claim: string; forMs: number }): Promise<void> {
  await tx.query(
    `UPDATE tape.effects SET in_flight_at = tape.now(), claim_expires_at = tape.now() + $3 * interval '1 ms', due_at = tape.now() + $3 * interval '1 ms'
     WHERE run_id = $1 AND key = $2 AND status = 'PENDING'`,
    [run.id, effect.key, forMs],
  );
  await appendToRun(tx, { runId: run.id, happenings: [{ kind: "effect", verb: "in_flight", payload: { effectId: effect.id, key: effect.key, claim } }] });
}
