import { type Committer, readForDriver, recordLateOutcome, unparkRun, type Claim, type Store } from "@tape/store";
import type { DriveJournal } from "./journal.ts";

/** The journal of one run in the store, as its driver writes it. */
export function storeJournal(store: Store, committer: Committer, { runId, owner }: Pick<Claim, "runId" | "owner">): DriveJournal {
  return {
    read: (fromSeq) => readForDriver(store, { runId, fromSeq }),
    commit: (commit) => committer.submit(commit),
    unpark: (epoch) => unparkRun(store, { runId, epoch, owner }),
    late: (outcome) => recordLateOutcome(store, outcome),
  };
}
