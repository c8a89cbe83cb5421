import { effectMachine, statesLeftBy } from "@tape/core";
import { appendToRun } from "../journal/append.ts";
import { hasEnded } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";
import { lockEffect } from "./lock.ts";

/**
 * Says of an orphaned effect what is true: it may have happened (UNKNOWN), to be asked after at once.
 *
 * @returns False when it was settled meanwhile, or its run is driven or not ended.
 * @throws {TapeError} `not_found`
 */
export async function loseOrphanedEffect(store: Store, { effectId }: { effectId: string }): Promise<boolean> {
  return await inTransaction(store, async (tx) => {
    const { run, effect } = await lockEffect(tx, effectId);
    if (effect.status !== "PENDING" || effect.dispatch !== "INLINE" || run.isDriven || !hasEnded(run)) return false;
    await appendToRun(tx, {
      runId: run.id,
      happenings: [{ kind: "effect", verb: "unknown", payload: { effectId, key: effect.key, reason: `its driver is gone and the run is ${run.status}` } }],
    });
    await tx.query(
      "UPDATE tape.effects SET status = 'UNKNOWN', unknown_since = tape.now(), next_check_at = tape.now(), checks = 0 WHERE run_id = $1 AND key = $2 AND status = ANY ($3)",
      [run.id, effect.key, statesLeftBy(effectMachine, "lose")],
    );
    tx.hint({ on: "reactors" });
    return true;
  });
}
