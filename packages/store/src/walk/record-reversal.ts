import type { RecordedError } from "@tape/core";
import { MOST_ATTEMPTS, postponeReversal, settleReversal, stopReversal } from "../obligation/attempted.ts";
import { LOCKED_OBLIGATION, type LockedObligation } from "../obligation/lock.ts";
import { notFound } from "../identity.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { giveUp } from "./give-up.ts";
import { lockWalk, type LostWalk, type WalkOf } from "./lock.ts";

export type ReversalOutcome = { status: "compensated"; result?: unknown; durationMs?: number } | { status: "failed"; error: RecordedError; /** Trying again is of no use. */ isFinal?: boolean };

export interface RecordReversal extends WalkOf {
  obligationId: string;
  /** As `nextReversal` gave it. */
  attempt: number;
  outcome: ReversalOutcome;
}

export type ReversalRecorded =
  /** Ask for the next one. */
  | { to: "on" }
  /** It is tried again in so many ms. */
  | { to: "wait"; inMs: number }
  /** The run is STUCK by it, and the lease is gone. */
  | { to: "stuck" }
  | LostWalk;

/**
 * What came of one attempt to undo. A failed one is tried again after 1 s, twice as long after each, at most 60 s; after
 * five, or one that is final, the obligation and its run are STUCK and nothing older is touched. A report under a lease that is gone changes
 * nothing: whoever has the walk now does it again under the same key. The same report twice is one.
 *
 * @throws {TapeError} `not_found`
 */
export async function recordReversal(store: Store, { obligationId, attempt, outcome, ...walk }: RecordReversal): Promise<ReversalRecorded> {
  return await inTransaction(store, async (tx): Promise<ReversalRecorded> => {
    const { run, lost } = await lockWalk(tx, walk);
    const obligation = await lockObligationOf(tx, run, obligationId);
    if (lost) return run.epoch === walk.epoch && obligation.status === "STUCK" ? { to: "stuck" } : lost;
    if (obligation.status !== "PENDING" || obligation.attempts >= attempt) return saidBefore(obligation);
    if (outcome.status === "compensated") {
      await settleReversal(tx, run, obligation, { ...outcome, attempt, by: `worker:${run.owner}` });
      return { to: "on" };
    }
    const { error, isFinal = false } = outcome;
    if (!isFinal && attempt % MOST_ATTEMPTS !== 0) return { to: "wait", inMs: await postponeReversal(tx, run, obligation, { attempt, error }) };
    const stuck = await stopReversal(tx, run, obligation, { attempt, error });
    await giveUp(tx, run, { obligationId, message: stuck.message, before: [stuck.happening], armed: -1 });
    return { to: "stuck" };
  });
}

async function lockObligationOf(tx: Tx, run: LockedRun, id: string): Promise<LockedObligation> {
  const { rows } = await tx.query<LockedObligation>(`SELECT ${LOCKED_OBLIGATION} FROM tape.obligations o WHERE o.run_id = $1 AND o.id = $2 FOR UPDATE`, [run.id, id]);
  if (!rows[0]) throw notFound("obl", id);
  return rows[0];
}

/** Recorded already, and the answer was lost; or a person had the word. */
function saidBefore({ status, dueInMs }: LockedObligation): ReversalRecorded {
  return status === "PENDING" && dueInMs > 0 ? { to: "wait", inMs: dueInMs } : { to: "on" };
}
