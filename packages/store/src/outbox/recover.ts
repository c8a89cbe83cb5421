import { lockEffect } from "../effect/lock.ts";
import { loseEffect } from "../effect/lose.ts";
import { canBeSent } from "../effect/retry.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { deadWorkers, HELD_LOCKS } from "../worker/presence.ts";
import { sendLater } from "./send-later.ts";

interface LostClaim {
  effectId: string;
  claim: string;
  isOwnerDead: boolean;
}

/** What became of an effect whose sender was lost. */
export interface RecoveredEffect {
  effectId: string;
  runId: string;
  tool: string;
  is: "due_again" | "unknown";
}

const LOST = {
  name: "tape_lost_outbox_claims",
  text: `
WITH ${HELD_LOCKS},
${deadWorkers({ trustsLocks: "$2" })}
SELECT e.id AS "effectId", e.claim, split_part(e.claim, '/', 1) IN (SELECT id FROM dead) AS "isOwnerDead" FROM tape.effects e
WHERE e.due_at IS NOT NULL AND e.claim IS NOT NULL AND (e.claim_expires_at <= tape.now() OR split_part(e.claim, '/', 1) IN (SELECT id FROM dead))
ORDER BY e.due_at LIMIT $1`,
};

/**
 * Looks after effects of the outbox whose claim was lost: it ran out, or its worker is dead. One that nobody began to
 * send is due again, and so is an IDEMPOTENT one, under its key. Any other that was in flight may have happened: it is
 * UNKNOWN, never PENDING (D5), and is asked after. Any number of workers may call it at once.
 *
 * @param sessionLocks May the locks of sessions be trusted here?
 */
export async function recoverOutbox(store: Store, { limit, sessionLocks }: { limit: number; sessionLocks: boolean }): Promise<RecoveredEffect[]> {
  const recovered: RecoveredEffect[] = [];
  for (const lost of await read<LostClaim>(store, { ...LOST, values: [limit, sessionLocks] })) {
    const one = await inTransaction(store, (tx) => recover(tx, lost));
    if (one) recovered.push(one);
  }
  return recovered;
}

async function recover(tx: Tx, { effectId, claim, isOwnerDead }: LostClaim): Promise<RecoveredEffect | null> {
  const { run, effect } = await lockEffect(tx, effectId);
  if (effect.status !== "PENDING" || effect.claim !== claim || (effect.isClaimed && !isOwnerDead)) return null;
  const what = { effectId, runId: run.id, tool: effect.tool };
  if (!effect.isMarked) {
    await tx.query("UPDATE tape.effects SET claim = NULL, claim_expires_at = NULL, due_at = tape.now() WHERE run_id = $1 AND key = $2", [run.id, effect.key]);
    tx.hint({ on: "reactors" });
    return { ...what, is: "due_again" };
  }
  const reason = "its sender was lost between sending it and recording what came of it";
  if (effect.semantics === "IDEMPOTENT" && canBeSent(run, effect)) {
    await sendLater(tx, run, effect, { error: { name: "ClaimLost", message: reason } });
    return { ...what, is: "due_again" };
  }
  await loseEffect(tx, run, effect, { reason, checkable: true });
  return { ...what, is: "unknown" };
}
