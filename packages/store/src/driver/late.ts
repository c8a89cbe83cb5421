import { effectMachine, type RecordedError } from "@tape/core";
import { contradictEffect } from "../effect/contradict.ts";
import { lockEffect, type LockedEffect } from "../effect/lock.ts";
import { settleEffect, type Outcome } from "../effect/settle.ts";
import { parseBody } from "../body.ts";
import { appendToRun } from "../journal/append.ts";
import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";

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
      await appendToRun(tx, { runId, happenings: [lateFailure(effectId, key, outcome.error)] });
    } else if (!effectMachine.ended.includes(effect.status)) {
      await settleEffect(tx, run, effect, outcome, { by: "late" });
    } else if (!stands(effect, outcome.result)) {
      await contradictEffect(tx, run, effect, outcome, "late");
    }
  });
}

function lateFailure(effectId: string, key: string, error: RecordedError) {
  return { kind: "effect", verb: "late_failure", payload: { effectId, key, error } } as const;
}

/** Is this the very outcome that is recorded? */
function stands(effect: LockedEffect, result: unknown): boolean {
  if (effect.status !== "CONFIRMED") return false;
  const recorded = parseBody(effect.outcome) as { result?: unknown } | null;
  return JSON.stringify(recorded?.result ?? null) === JSON.stringify(result ?? null);
}
