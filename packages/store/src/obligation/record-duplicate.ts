import { TapeError, type Obligation } from "@tape/core";
import { appendToRun } from "../journal/append.ts";
import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";
import type { ReversalOutcome } from "../walk/record-reversal.ts";
import { MOST_ATTEMPTS, postponeReversal, settleReversal, stopReversal } from "./attempted.ts";
import { getObligation } from "./get.ts";
import { lockObligation } from "./lock.ts";

export interface RecordDuplicate {
  obligationId: string;
  /** As `claimDuplicates` gave them. */
  claim: string;
  attempt: number;
  /** This worker. */
  owner: string;
  outcome: ReversalOutcome;
}

/**
 * What came of one attempt to undo an extra copy. A failed one is tried again by back-off, five times; then the obligation
 * is STUCK by itself, and its run stays as it is (D18). One that a person has settled meanwhile is left alone.
 *
 * @throws {TapeError} `not_found`; `lease_lost` when the claim ran out and somebody else has it
 */
export async function recordDuplicate(store: Store, { obligationId, claim, attempt, owner, outcome }: RecordDuplicate): Promise<Obligation> {
  await inTransaction(store, async (tx) => {
    const { run, obligation } = await lockObligation(tx, obligationId);
    if (obligation.status !== "PENDING" || obligation.attempts >= attempt) return;
    if (obligation.claim !== claim) throw new TapeError("lease_lost", `The obligation ${obligationId} is not yours to report on any more: its claim ran out, and it is undone again under the same key.`);
    if (outcome.status === "compensated") {
      await settleReversal(tx, run, obligation, { ...outcome, attempt, by: `worker:${owner}` });
      // The walk of its run may have waited for this.
      return tx.hint({ on: "reactors" });
    }
    const { error, isFinal = false } = outcome;
    if (!isFinal && attempt % MOST_ATTEMPTS !== 0) return void (await postponeReversal(tx, run, obligation, { attempt, error }));
    const { happening } = await stopReversal(tx, run, obligation, { attempt, error });
    await appendToRun(tx, { runId: run.id, happenings: [happening], armed: -1 });
  });
  return await getObligation(store, { id: obligationId });
}
