import { nextReversal, recordReversal, releaseWalk, renewLeases, type Claim, type NextReversal, type Renewal, type Reversal, type ReversalOutcome, type ReversalRecorded, type Store } from "@tape/store";
import { patiently } from "../patiently.ts";

/** The journal as one walk sees it. `signal` aborted: nobody waits for the answer any more. */
export interface WalkJournal {
  next(signal: AbortSignal): Promise<NextReversal>;
  record(reversal: Reversal, outcome: ReversalOutcome, signal: AbortSignal): Promise<ReversalRecorded>;
  renew(signal: AbortSignal): Promise<Renewal>;
  /** Gives the lease back: the walk is whoever's claims it next. */
  release(signal: AbortSignal): Promise<void>;
}

/**
 * The journal of one walk in the store. A database that is away is waited for as long as a lease lasts: a walk is not
 * given up because PostgreSQL was restarted.
 */
export function storeWalk(store: Store, { runId, owner, epoch, ttlMs }: Pick<Claim, "runId" | "owner" | "epoch" | "ttlMs">, compensators: readonly string[]): WalkJournal {
  const lease = { runId, owner, epoch };
  const asking = <T>(signal: AbortSignal, verb: () => Promise<T>) => patiently({ forMs: ttlMs, signal }, verb);
  return {
    next: (signal) => asking(signal, () => nextReversal(store, { ...lease, compensators })),
    record: ({ id: obligationId, attempt }, outcome, signal) => asking(signal, () => recordReversal(store, { ...lease, obligationId, attempt, outcome })),
    renew: async (signal) => (await asking(signal, () => renewLeases(store, { owner, runs: [{ runId, epoch }], ttlMs }))).get(runId) ?? "lost",
    release: (signal) => asking(signal, () => releaseWalk(store, lease)),
  };
}
