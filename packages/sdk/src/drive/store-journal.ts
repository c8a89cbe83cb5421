import { TapeError } from "@tape/core";
import {
  isConnectionFailure,
  noticeCancel,
  readForDriver,
  recordLateOutcome,
  renewLeases,
  settleRun,
  unparkRun,
  type Claim,
  type Committer,
  type Store,
} from "@tape/store";
import type { DriveJournal } from "./journal.ts";

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

/**
 * The journal of one run in the store. A database that is away is waited for as long as a lease lasts: a drive is not
 * given up because PostgreSQL was restarted. The committer does the same for commits.
 */
export function storeJournal(store: Store, committer: Committer, { runId, owner, ttlMs }: Pick<Claim, "runId" | "owner" | "ttlMs">): DriveJournal {
  return {
    read: (fromSeq) => patiently(ttlMs, () => readForDriver(store, { runId, fromSeq })),
    commit: (commit) => committer.submit(commit),
    unpark: (epoch) => patiently(ttlMs, () => unparkRun(store, { runId, epoch, owner })),
    renew: async (epoch) => (await patiently(ttlMs, () => renewLeases(store, { owner, runs: [{ runId, epoch }], ttlMs }))).get(runId) ?? "lost",
    noticeCancel: (epoch) => patiently(ttlMs, () => noticeCancel(store, { runId, owner, epoch })),
    settle: (epoch) => patiently(ttlMs, () => settleRun(store, { runId, owner, epoch })),
    late: (outcome) => patiently(ttlMs, () => recordLateOutcome(store, outcome)),
  };
}

/** All it wraps may be repeated: reads, and verbs whose second time changes nothing. */
async function patiently<T>(forMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + forMs;
  for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)) {
    try {
      return await work();
    } catch (error) {
      const isAway = isConnectionFailure(error) || TapeError.is(error, "unavailable");
      if (!isAway || performance.now() + delayMs > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random() / 2)));
    }
  }
}
