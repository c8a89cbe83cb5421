import { effectMachine, type RecordedError } from "@tape/core";
import { contradictEffect } from "../effect/contradict.ts";
import { lockEffect, type LockedEffect } from "../effect/lock.ts";
import { settleEffect, type Outcome } from "../effect/settle.ts";
import { parseBody } from "../body.ts";
import { appendToRun } from "../journal/append.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { plain } from "./commit/plain.ts";

export interface LateOutcomeInput {
  runId: string;
  effectId: string;
  key: string;
  outcome: Outcome;
}

/**
 * What a driver without the lease still has to say about an effect it performed (D12): a CONFIRMED settles it while it
 * is PENDING or UNKNOWN, because money may have moved; after another outcome stands it is journaled as a conflict, and
 * its obligation is registered. A FAILED is journaled and changes nothing. The same outcome said twice is one.
 */
export async function recordLateOutcome(store: Store, { runId, effectId, key, outcome }: LateOutcomeInput): Promise<void> {
  await inTransaction(store, async (tx) => {
    const { run, effect } = await lockEffect(tx, effectId);
    if (outcome.status === "failed") {
      if (await isSaid(tx, effect, "late_failure", { error: outcome.error })) return;
      await appendToRun(tx, { runId, happenings: [lateFailure(effectId, key, outcome.error)] });
    } else if (!effectMachine.ended.includes(effect.status)) {
      await settleEffect(tx, run, effect, worded(outcome), { by: "late" });
    } else if (!stands(effect, outcome.result) && !(await isSaid(tx, effect, "conflict", { result: outcome.result }))) {
      await contradictEffect(tx, run, effect, outcome, "late");
    }
  });
}

/** An outcome is never refused for its words (D20). */
function worded(outcome: Confirmed): Confirmed {
  const { externalRef, summary, obligation } = outcome;
  return {
    ...outcome,
    ...(externalRef !== undefined && { externalRef: plain(externalRef) }),
    ...(summary !== undefined && { summary: plain(summary) }),
    ...(obligation && { obligation: { ...obligation, ...(obligation.summary !== undefined && { summary: plain(obligation.summary) }) } }),
  };
}

/** A report may be sent again when its acknowledgement was lost: is its entry there? */
async function isSaid(tx: Tx, { runId, id }: LockedEffect, verb: "late_failure" | "conflict", said: { result?: unknown; error?: unknown }): Promise<boolean> {
  const { rows } = await tx.query<{ body: string }>(
    `SELECT b.body FROM tape.entries e JOIN tape.bodies b USING (run_id, seq) WHERE e.run_id = $1 AND e.ref = $2 AND e.kind = 'effect' AND e.verb = $3`,
    [runId, id, verb],
  );
  const told = ({ result, error }: { result?: unknown; error?: unknown }) => JSON.stringify([result ?? null, error ?? null]);
  return rows.some(({ body }) => told(parseBody(body) as object) === told(said));
}

type Confirmed = Extract<Outcome, { status: "confirmed" }>;

function lateFailure(effectId: string, key: string, error: RecordedError) {
  return { kind: "effect", verb: "late_failure", payload: { effectId, key, error } } as const;
}

/** Is this the very outcome that is recorded? */
function stands(effect: LockedEffect, result: unknown): boolean {
  if (effect.status !== "CONFIRMED") return false;
  const recorded = parseBody(effect.outcome) as { result?: unknown } | null;
  return JSON.stringify(recorded?.result ?? null) === JSON.stringify(result ?? null);
}
