import { obligationMachine, statesLeftBy, type Happening, type RecordedError } from "@tape/core";
import { plain } from "../driver/commit/plain.ts";
import { appendToRun } from "../journal/append.ts";
import { LOCKED_OBLIGATION, type LockedObligation } from "../obligation/lock.ts";
import { notFound } from "../identity.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { giveUp } from "./give-up.ts";
import { lockWalk, type LostWalk, type WalkOf } from "./lock.ts";

export type ReversalOutcome = { status: "compensated"; result?: unknown; durationMs?: number } | { status: "failed"; error: RecordedError };

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

/** A person's retry gives as many again. */
const MOST_ATTEMPTS = 5;
const MOST_MS = 60_000;
/** A longer message stands in the journal alone. */
const MOST_CHARACTERS = 2_000;

/**
 * What came of one attempt to undo. A failed one is tried again after 1 s, twice as long after each, at most 60 s; after
 * five, the obligation and its run are STUCK and nothing older is touched. A report under a lease that is gone changes
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
    if (outcome.status === "compensated") return await settle(tx, run, obligation, attempt, outcome);
    return attempt % MOST_ATTEMPTS === 0 ? await stop(tx, run, obligation, attempt, outcome.error) : await postpone(tx, run, obligation, attempt, outcome.error);
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

async function settle(tx: Tx, run: LockedRun, { id, effectId }: LockedObligation, attempt: number, outcome: Extract<ReversalOutcome, { status: "compensated" }>): Promise<ReversalRecorded> {
  await tx.query(
    `UPDATE tape.obligations SET status = 'COMPENSATED', attempts = $3, next_attempt_at = NULL, settled_at = tape.now() WHERE run_id = $1 AND id = $2 AND status = ANY ($4)`,
    [run.id, id, attempt, statesLeftBy(obligationMachine, "compensated")],
  );
  const { result, durationMs } = outcome;
  const payload = { obligationId: id, effectId, by: `worker:${run.owner}`, ...(result !== undefined && { result }), ...(durationMs !== undefined && { durationMs }) };
  await appendToRun(tx, { runId: run.id, happenings: [{ kind: "obligation", verb: "compensated", payload }], armed: -1 });
  return { to: "on" };
}

async function postpone(tx: Tx, run: LockedRun, { id, effectId }: LockedObligation, attempt: number, error: RecordedError): Promise<ReversalRecorded> {
  const inMs = Math.min(1_000 * 2 ** ((attempt % MOST_ATTEMPTS) - 1), MOST_MS);
  const { rows } = await tx.query<{ nextAttemptAt: string }>(
    `UPDATE tape.obligations SET attempts = $3, last_error = $4, next_attempt_at = tape.now() + $5 * interval '1 ms'
     WHERE run_id = $1 AND id = $2 AND status = 'PENDING' RETURNING tape.iso(next_attempt_at) AS "nextAttemptAt"`,
    [run.id, id, attempt, messageOf(error), inMs],
  );
  const happening: Happening = { kind: "obligation", verb: "attempt_failed", payload: { obligationId: id, effectId, attempt, error, nextAttemptAt: rows[0]!.nextAttemptAt } };
  await appendToRun(tx, { runId: run.id, happenings: [happening] });
  return { to: "wait", inMs };
}

async function stop(tx: Tx, run: LockedRun, { id, effectId }: LockedObligation, attempt: number, error: RecordedError): Promise<ReversalRecorded> {
  await tx.query(
    "UPDATE tape.obligations SET status = 'STUCK', attempts = $3, last_error = $4, next_attempt_at = NULL WHERE run_id = $1 AND id = $2 AND status = ANY ($5)",
    [run.id, id, attempt, messageOf(error), statesLeftBy(obligationMachine, "give_up")],
  );
  await giveUp(tx, run, { obligationId: id, message: messageOf(error), before: [{ kind: "obligation", verb: "stuck", payload: { obligationId: id, effectId, error } }], armed: -1 });
  return { to: "stuck" };
}

function messageOf({ message }: RecordedError): string {
  return plain(message.slice(0, MOST_CHARACTERS));
}
