import { fireDueTimers, type Store } from "@tape/store";
import type { Pass } from "../loop.ts";
import { untilNextTimer } from "./next-timer.ts";

/** Timers fired by one transaction. */
const BATCH = 200;

/**
 * Ends sleeps and deadlines that are due by the database's clock, and then waits for the next one. Any number of
 * workers may do this at once: each passes over what another holds. Timers that have a handler are `handledTimers`'.
 */
export function timers({ store }: { store: Store }): Pass {
  return async () => {
    const { fired, more } = await fireDueTimers(store, { limit: BATCH });
    return more ? 0 : await untilNextTimer(store, { idle: fired === 0 });
  };
}
