import type { DriveJournal } from "@tape/sdk";
import type { DriverRecord } from "@tape/store";

/** What a commit of a drive tells its worker. */
export interface Committed {
  runId: string;
  /** The last entry of the run. */
  seq: number;
  /** It brought a decision, an outcome or a delivery. */
  isProgress: boolean;
}

/** A drive's journal whose commits are noted: their hints need no look, and progress clears a suspect. */
export function noting(journal: DriveJournal, onCommit: (committed: Committed) => void): DriveJournal {
  return {
    ...journal,
    commit: async (commit) => {
      const outcome = await journal.commit(commit);
      if (outcome.ok) onCommit({ runId: commit.runId, seq: outcome.seq, isProgress: commit.records.some(isProgress) });
      return outcome;
    },
  };
}

/** As the commit counts it when it clears a suspect. */
function isProgress({ happening: { verb } }: DriverRecord): boolean {
  return verb === "answered" || verb === "confirmed" || verb === "failed" || verb === "delivered";
}
