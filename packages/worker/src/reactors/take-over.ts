import { takeOverRuns } from "@tape/store";
import type { Log } from "../log.ts";
import type { Pass } from "../loop.ts";
import type { RecoveryOptions } from "./recovery.ts";

export interface TakeOverOptions extends RecoveryOptions {
  /** May this worker take others for dead? See `Presence`. */
  mayJudge: () => boolean;
  /** Leases lost in a row before a run is STUCK (D25). Default 5. */
  maxRedrives?: number;
  log: Log;
}

/** How often it looks, on average (ms). Workers are kept out of step. */
const POLL_MS = 1_000;

/**
 * Takes RUNNING runs from drivers that died or hung: whose lease ran out, or whose owner is silent (D26). Whoever was
 * silent itself judges nobody, so a restart of the database alone makes nobody dead.
 *
 * Runs whose driver got on before it was lost are taken all at once. One whose driver brought nothing is a suspect until
 * it gets on, so those are taken one by one; the executor wakes this loop when the last one was cleared. A run that keeps
 * losing its driver becomes STUCK, and the others go on.
 */
export function takeOver({ store, executor, owner, agents, ttlMs, mayJudge, maxRedrives = 5, log }: TakeOverOptions): Pass {
  return async () => {
    if (agents.length === 0) return Infinity;
    const waitMs = POLL_MS * (0.75 + Math.random() / 2);
    if (!mayJudge()) return waitMs;
    const take = async (limit: number, suspects: boolean): Promise<number> => {
      if (limit === 0) return 0;
      const driven = executor.driven();
      const { claims, stuck } = await takeOverRuns(store, { owner, agents, limit, ttlMs, maxRedrives, sessionLocks: true, driven, suspects });
      for (const { runId, losses } of claims) log.info({ runId, losses }, "took a run over from a silent driver");
      for (const runId of stuck) log.error({ runId }, "a run is STUCK: it lost its driver too often");
      executor.accept(claims);
      return stuck.length;
    };
    await take(executor.free(), false);
    const stuck = await take(executor.takesSuspect() ? Math.min(1, executor.free()) : 0, true);
    return stuck > 0 ? 0 : waitMs;
  };
}
