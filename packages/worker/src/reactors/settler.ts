import { settleAbandonedRuns, type Store } from "@tape/store";
import type { Log } from "../log.ts";
import type { Pass } from "../loop.ts";

export interface SettlerOptions {
  store: Store;
  /** May this worker take others for dead? See `Presence`. */
  mayJudge: () => boolean;
  log: Log;
}

/** Runs settled by one pass. */
const BATCH = 50;
const POLL_MS = 1_000;

/**
 * Leaves cancelled runs in the place of drivers that died before they could (D14): what they had under way may have
 * happened and is asked after, what they had not sent will not be. Then the run may be compensated. Drivers that are
 * alive leave by themselves once their bodies have returned.
 */
export function settler({ store, mayJudge, log }: SettlerOptions): Pass {
  return async () => {
    if (!mayJudge()) return POLL_MS;
    const { settled, more } = await settleAbandonedRuns(store, { limit: BATCH, sessionLocks: true });
    for (const runId of settled) log.info({ runId }, "settled a cancelled run whose driver is gone");
    return more ? 0 : POLL_MS;
  };
}
