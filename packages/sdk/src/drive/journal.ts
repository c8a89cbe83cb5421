import type { LateOutcomeInput, Reading, Renewal, RunCommit, RunCommitOutcome } from "@tape/store";

/** What a body that lost its lease still has to say: money may have moved (D12). */
export type LateOutcome = LateOutcomeInput;

/**
 * The journal as one drive sees it. The worker gives it the store; a pure replay gives it a finished journal; a
 * simulation gives it a model.
 */
export interface DriveJournal {
  read(fromSeq: number): Promise<Reading | null>;
  commit(commit: RunCommit): Promise<RunCommitOutcome>;
  /** The code of a parked run went on by itself. False: somebody else has already moved the run. */
  unpark(epoch: number): Promise<boolean>;
  /** Renews the lease of this epoch. */
  renew(epoch: number): Promise<Renewal>;
  /** The driver has noticed that its run was cancelled. */
  noticeCancel(epoch: number): Promise<boolean>;
  /** The driver leaves its cancelled run; what is still PENDING may have happened. */
  settle(epoch: number): Promise<boolean>;
  late(outcome: LateOutcome): Promise<void>;
}
