import type { EffectStatus, Happening, RecordedError } from "@tape/core";
import { appendToRun } from "../journal/append.ts";
import { lockRun, wakeIf, type LockedRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import type { NewObligation } from "./record.ts";

export interface LateOutcomeInput {
  runId: string;
  effectId: string;
  key: string;
  outcome:
    | { status: "confirmed"; result: unknown; notStorable?: string; externalRef?: string; summary?: string; obligation?: NewObligation }
    | { status: "failed"; error: RecordedError };
}

/**
 * What a driver without the lease still has to say about an effect it performed (D12): a CONFIRMED settles it while it
 * is PENDING or UNKNOWN, because money may have moved; after another outcome stands it is journaled as a conflict, and
 * its obligation is registered. A FAILED is journaled and changes nothing.
 */
export async function recordLateOutcome(store: Store, input: LateOutcomeInput): Promise<void> {
  await inTransaction(store, async (tx) => {
    const run = await lockRun(tx, input.runId);
    const { rows } = await tx.query<{ status: EffectStatus; outcome: string | null }>(
      `SELECT e.status, b.body AS outcome FROM tape.effects e
       LEFT JOIN tape.bodies b ON b.run_id = e.run_id AND b.seq = e.outcome_seq
       WHERE e.run_id = $1 AND e.key = $2 AND e.id = $3 FOR UPDATE OF e`,
      [input.runId, input.key, input.effectId],
    );
    const [effect] = rows;
    if (!effect) return;
    const { effectId, key, outcome } = input;
    if (outcome.status === "failed") {
      await appendToRun(tx, { runId: run.id, happenings: [{ kind: "effect", verb: "late_failure", payload: { effectId, key, error: outcome.error } }] });
    } else if (effect.status === "PENDING" || effect.status === "UNKNOWN") {
      await confirm(tx, run, input, outcome);
    } else {
      await contradict(tx, run, input, outcome, effect);
    }
  });
}

type Confirmed = Extract<LateOutcomeInput["outcome"], { status: "confirmed" }>;

async function confirm(tx: Tx, run: LockedRun, { runId, effectId, key }: LateOutcomeInput, outcome: Confirmed): Promise<void> {
  const { result, notStorable, externalRef, summary, obligation } = outcome;
  const happening: Happening = { kind: "effect", verb: "confirmed", payload: { effectId, key, by: "late", result, notStorable, externalRef, summary } };
  const { firstSeq } = await appendToRun(tx, {
    runId,
    happenings: [happening],
    inbox: 1,
    foreignOutcomes: 1,
    openEffects: -1,
    ...wakeIf(run, (wait) => wait.on === "effect" && wait.effectId === effectId),
  });
  await tx.query(
    `UPDATE tape.effects SET status = 'CONFIRMED', outcome_seq = $3, settled_at = tape.now(), unknown_since = NULL, next_check_at = NULL, needs_person = false,
       external_ref = coalesce($4, external_ref), summary = coalesce($5, summary)
     WHERE run_id = $1 AND key = $2`,
    [runId, key, firstSeq, externalRef ?? null, summary ?? null],
  );
  if (obligation) await owe(tx, { runId, effectId, key, position: firstSeq, reason: "confirmed", obligation });
}

/** The outcome that stands is kept; the same one said twice is one. */
async function contradict(tx: Tx, run: LockedRun, input: LateOutcomeInput, outcome: Confirmed, effect: { status: EffectStatus; outcome: string | null }): Promise<void> {
  const { runId, effectId, key } = input;
  const standing = effect.outcome === null ? {} : (JSON.parse(effect.outcome) as { result?: unknown });
  if (effect.status === "CONFIRMED" && JSON.stringify(standing.result ?? null) === JSON.stringify(outcome.result ?? null)) return;
  const { firstSeq } = await appendToRun(tx, {
    runId: run.id,
    happenings: [{ kind: "effect", verb: "conflict", payload: { effectId, key, outcome: "confirmed", result: outcome.result, standing: effect.status, by: "late" } }],
  });
  if (outcome.obligation) await owe(tx, { runId, effectId, key, position: firstSeq, reason: "conflict", obligation: outcome.obligation });
}

interface Owed {
  runId: string;
  effectId: string;
  key: string;
  position: number;
  reason: "confirmed" | "conflict";
  obligation: NewObligation;
}

async function owe(tx: Tx, { runId, effectId, key, position, reason, obligation }: Owed): Promise<void> {
  const { id, compensator, connector, payload, summary } = obligation;
  await tx.query(
    `INSERT INTO tape.obligations (id, run_id, effect_id, effect_key, position, kind, connector, reason, status, payload, summary, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'REGISTERED', $9, $10, tape.now()) ON CONFLICT DO NOTHING`,
    [id, runId, effectId, key, position, compensator, connector ?? null, reason, payload, summary ?? null],
  );
}
