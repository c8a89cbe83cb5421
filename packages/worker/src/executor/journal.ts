import { TapeError } from "@tape/core";
import type { DriveJournal } from "@tape/sdk";
import { isConnectionFailure, readForDriver, recordLateOutcome, unparkRun, type Claim, type Committer, type DriverRecord, type RunEnd, type Store } from "@tape/store";

/** What a commit of a drive tells its worker. */
export interface Committed {
  runId: string;
  /** The last entry of the run. */
  seq: number;
  /** Records under this lease so far. */
  recorded: number;
  /** It brought a decision, an outcome or a delivery. */
  isProgress: boolean;
}

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

/**
 * The journal of one run in the store. A database that is away is waited for as long as a lease lasts: a drive is not
 * given up because PostgreSQL was restarted. The committer does the same for commits.
 */
export function journalOf(
  options: { store: Store; committer: Committer; claim: Claim; onCommit: (committed: Committed) => void },
): DriveJournal {
  const { store, committer, claim, onCommit } = options;
  const { runId, owner, ttlMs } = claim;
  return {
    read: (fromSeq) => patiently(ttlMs, () => readForDriver(store, { runId, fromSeq })),
    commit: async (commit) => {
      const outcome = await committer.submit(commit);
      if (outcome.ok) onCommit({ runId, seq: outcome.seq, recorded: outcome.recorded, isProgress: commit.records.some(isProgress) });
      return outcome;
    },
    unpark: (epoch) => patiently(ttlMs, () => unparkRun(store, { runId, epoch, owner })),
    late: (outcome) => patiently(ttlMs, () => recordLateOutcome(store, outcome)),
  };
}

/** Gives a lease back whose drive could not go on with it: the run is RUNNABLE again at once. */
export async function giveBack(committer: Committer, claim: Claim, recorded: number): Promise<void> {
  const { runId, owner, epoch, foreign, ttlMs } = claim;
  const end: RunEnd = { to: "RUNNABLE", reason: "backoff", inMs: 0, inbox: null, closing: [] };
  await committer.submit({ runId, owner, epoch, first: recorded, foreign, ttlMs, records: [], end });
}

/** As the commit counts it when it clears a suspect. */
function isProgress({ happening: { verb } }: DriverRecord): boolean {
  return verb === "answered" || verb === "confirmed" || verb === "failed" || verb === "delivered";
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
