import type { RunCommit, RunCommitOutcome } from "../record.ts";

/** One row of the commit statement's answer: the run after (`null`: refused) and as it was found. */
export interface CommitAnswer {
  run_id: string;
  seq: number | null;
  inbox: number;
  foreign_outcomes: number;
  recorded: number;
  ended: boolean;
  was_status: string | null;
  was_owner: string | null;
  was_epoch: number;
  was_recorded: number;
  was_seq: number;
  was_inbox: number;
  was_foreign: number;
  cancel_reason: string | null;
  at: string;
}

/** What a driver is told, from what the statement found. */
export function outcomeOf(commit: RunCommit, row: CommitAnswer): RunCommitOutcome {
  const at = Number(row.at);
  if (row.seq !== null) {
    return { ok: true, seq: row.seq, inbox: row.inbox, foreign: row.foreign_outcomes, recorded: row.recorded, ended: row.ended, at };
  }
  if (row.was_status === null) return lost(`run ${commit.runId} no longer exists`);
  if (row.was_epoch !== commit.epoch) return lost(`run ${commit.runId} was taken over: its epoch is ${row.was_epoch}, the driver's ${commit.epoch}`);
  if (commit.records.length + (commit.end ? 1 : 0) > 0 && row.was_recorded >= commit.first + Math.max(1, commit.records.length)) {
    // The same commit was sent before and its acknowledgement was lost.
    const ended = commit.end !== undefined && row.was_owner !== commit.owner;
    return { ok: true, seq: row.was_seq, inbox: row.was_inbox, foreign: row.was_foreign, recorded: row.was_recorded, ended, at };
  }
  // Cancelled, and perhaps its compensation asked for since: its driver drains and leaves.
  if (row.was_status === "CANCELLED" || (row.was_status === "COMPENSATING" && row.was_owner === commit.owner)) return { ok: false, refused: "cancelled", reason: row.cancel_reason ?? "cancelled" };
  if (row.was_status !== "RUNNING" || row.was_owner !== commit.owner) return lost(`run ${commit.runId} is ${row.was_status} and no longer driven under epoch ${commit.epoch}`);
  if (row.was_recorded !== commit.first) return lost(`run ${commit.runId} has ${row.was_recorded} records of this lease, the driver thought ${commit.first}`);
  return { ok: false, refused: "settled_elsewhere", reason: `an effect of run ${commit.runId} was settled by somebody else` };
}

function lost(reason: string): RunCommitOutcome {
  return { ok: false, refused: "lease_lost", reason };
}
