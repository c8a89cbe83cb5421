import { fireDueTimers, nextTimerAt, type Store } from "@tape/store";
import type { Pass } from "../loop.ts";

/** Timers fired by one transaction. */
const BATCH = 200;
/** How long it sleeps at most: a hint that a sooner timer was armed may be lost (ms). */
const LONGEST_MS = 30_000;
/** Another worker is firing what is due: it is not asked again at once (ms). */
const TAKEN_MS = 50;

/**
 * Ends sleeps and deadlines that are due by the database's clock, and then waits for the next one. Any number of
 * workers may do this at once: each passes over what another holds.
 */
export function timers({ store }: { store: Store }): Pass {
  return async () => {
    const { fired, more } = await fireDueTimers(store, { limit: BATCH });
    if (more) return 0;
    const next = await nextTimerAt(store);
    if (!next) return LONGEST_MS;
    return Math.min(LONGEST_MS, fired > 0 ? next.inMs : Math.max(TAKEN_MS, next.inMs));
  };
}
