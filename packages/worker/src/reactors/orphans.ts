import { loseOrphanedEffect, orphanedEffects, type Store } from "@tape/store";
import type { Pass } from "../loop.ts";

/** Effects taken care of by one pass. */
const BATCH = 50;
const POLL_MS = 5_000;

/**
 * Says of effects what nobody else will: those that are PENDING in a cancelled run whose driver is gone may have
 * happened, so they become UNKNOWN and the reconciler asks after them (D14). Runs that are driven again see to their
 * own.
 */
export function orphans({ store }: { store: Store }): Pass {
  return async () => {
    const effects = await orphanedEffects(store, { limit: BATCH });
    for (const { effectId } of effects) await loseOrphanedEffect(store, { effectId });
    return effects.length === BATCH ? 0 : POLL_MS;
  };
}
