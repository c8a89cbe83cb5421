import type { LateOutcomeInput, Reading, RunCommit, RunCommitOutcome } from "@tape/store";

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
  late(outcome: LateOutcome): Promise<void>;
}
