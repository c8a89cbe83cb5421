import { claimWalks, type LoadedCompensator, type Store } from "@tape/store";
import type { Executor } from "../executor/executor.ts";
import type { Pass } from "../loop.ts";

export interface CompensationOptions {
  store: Store;
  executor: Pick<Executor, "free" | "accept" | "driven">;
  /** This worker. */
  owner: string;
  /** The compensators it has loaded. */
  compensators: readonly LoadedCompensator[];
  ttlMs: number;
  /** May this worker take others for dead? See `Presence`. */
  mayJudge: () => boolean;
}

/** How often it looks when no hint says that a walk can begin (ms). */
const POLL_MS = 1_000;
/** Walks claimed by one statement, so that several workers that start together share what waits. */
const BATCH = 20;

/**
 * Takes the walks of runs that are to be compensated, for the places that are free: settled, with no effect open, and
 * with a reversal next that this worker has the compensator of, or none left. Also from walkers that died or hung, so whoever was
 * silent itself takes none. A run whose next compensator is not loaded here is left to a worker that has it.
 */
export function compensation({ store, executor, owner, compensators, ttlMs, mayJudge }: CompensationOptions): Pass {
  return async () => {
    const limit = Math.min(executor.free(), BATCH);
    if (limit === 0 || !mayJudge()) return POLL_MS;
    const claims = await claimWalks(store, { owner, compensators, limit, ttlMs, sessionLocks: true, driven: executor.driven() });
    executor.accept(claims);
    return claims.length === limit ? 0 : POLL_MS;
  };
}
