import { claimRuns, type LoadedAgent, type Store } from "@tape/store";
import type { Executor } from "../executor/executor.ts";
import type { Pass } from "../loop.ts";

export interface RecoveryOptions {
  store: Store;
  executor: Pick<Executor, "free" | "takesSuspect" | "accept" | "driven">;
  /** This worker. */
  owner: string;
  agents: readonly LoadedAgent[];
  ttlMs: number;
}

/** How often it looks when no hint says that a run became RUNNABLE (ms). */
const POLL_MS = 1_000;
/** Runs claimed by one statement, so that several workers that start together share what waits. */
const BATCH = 20;

/**
 * Takes RUNNABLE runs that are due, of agents this worker has loaded, for the places that are free. Claim and list are
 * one statement that passes over what another worker is claiming, so any number of workers may do this at once.
 *
 * A run that took its last driver with it is a suspect, and at most one of them is taken at a time (D25). The first
 * place asks for any run; the others, if the first got one, for runs that are not suspects.
 */
export function recovery({ store, executor, owner, agents, ttlMs }: RecoveryOptions): Pass {
  const claim = async (limit: number, suspects: boolean): Promise<number> => {
    const claims = await claimRuns(store, { owner, agents, limit, ttlMs, suspects });
    executor.accept(claims);
    return claims.length;
  };

  return async () => {
    if (agents.length === 0) return Infinity;
    if (executor.free() === 0) return POLL_MS;
    if (executor.takesSuspect() && (await claim(1, true)) === 0) return POLL_MS;
    const limit = Math.min(executor.free(), BATCH);
    return limit > 0 && (await claim(limit, false)) === limit ? 0 : POLL_MS;
  };
}
