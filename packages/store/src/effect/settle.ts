import { effectMachine, statesLeftBy, type Happening, type RecordedError, type SettledBy } from "@tape/core";
import type { NewObligation } from "../driver/record.ts";
import { appendToRun } from "../journal/append.ts";
import { obligationOf, registeredEntry, registerObligation } from "../obligation/register.ts";
import { plain } from "../driver/commit/plain.ts";
import { wakeIf, type LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";
import { freeBusinessKeys } from "./business-key.ts";
import type { EffectRow } from "./row.ts";

export interface Settlement {
  by: SettledBy;
  actor?: string;
  reason?: string;
}

export type Outcome =
  | { status: "confirmed"; result: unknown; notStorable?: string; externalRef?: string; summary?: string; obligation?: NewObligation }
  | { status: "failed"; error: RecordedError };

/**
 * Gives an unsettled effect its outcome for somebody else than its driver: row, entry, counters, what it owes, and the
 * run woken if it waits for this. The transaction holds the run's row and the effect's.
 */
export async function settleEffect(tx: Tx, run: LockedRun, effect: EffectRow, outcome: Outcome, settlement: Settlement): Promise<void> {
  const obligation = outcome.status === "confirmed" ? (outcome.obligation ?? obligationOf(effect, outcome.result, outcome.externalRef)) : undefined;
  const { firstSeq } = await appendToRun(tx, {
    runId: run.id,
    happenings: [entryOf(effect, outcome, settlement), ...(obligation ? [registeredEntry(obligation, { effect, reason: "confirmed" })] : [])],
    inbox: 1,
    foreignOutcomes: 1,
    openEffects: -1,
    ...wakeIf(run, (wait) => wait.on === "effect" && wait.effectId === effect.id),
  });
  const isConfirmed = outcome.status === "confirmed";
  await tx.query(
    `UPDATE tape.effects SET status = $3, outcome_seq = $4, settled_at = tape.now(), unknown_since = NULL, next_check_at = NULL, needs_person = false,
       due_at = NULL, claim = NULL, claim_expires_at = NULL, in_flight_at = NULL, external_ref = COALESCE($5, external_ref), summary = COALESCE($6, summary)
     WHERE run_id = $1 AND key = $2 AND status = ANY ($7)`,
    [
      run.id,
      effect.key,
      isConfirmed ? "CONFIRMED" : "FAILED",
      firstSeq,
      isConfirmed ? words(outcome.externalRef) : null,
      isConfirmed ? words(outcome.summary) : null,
      statesLeftBy(effectMachine, isConfirmed ? "confirm" : "fail"),
    ],
  );
  if (obligation) await registerObligation(tx, obligation, { effect, position: firstSeq, reason: "confirmed" });
  if (!isConfirmed) await freeBusinessKeys(tx, [effect]);
}

/** An outcome is never refused for its words (D20); its entry keeps them whole. */
function words(text: string | undefined): string | null {
  return text === undefined ? null : plain(text);
}

function entryOf({ id, key }: EffectRow, outcome: Outcome, settlement: Settlement): Happening {
  const step = { effectId: id, key, ...settlement };
  if (outcome.status === "failed") return { kind: "effect", verb: "failed", payload: { ...step, error: outcome.error } };
  const { result, notStorable, externalRef, summary } = outcome;
  return { kind: "effect", verb: "confirmed", payload: { ...step, result: result ?? null, notStorable, externalRef, summary } };
}
