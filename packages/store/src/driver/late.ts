import { effectMachine, type RecordedError } from "@tape/core";
import { contradictEffect, isSaid } from "../effect/contradict.ts";
import { lockEffect, type LockedEffect } from "../effect/lock.ts";
import { loseEffect } from "../effect/lose.ts";
import { settleEffect, type Outcome } from "../effect/settle.ts";
import { parseBody } from "../body.ts";
import { appendToRun } from "../journal/append.ts";
import { isLeftBy } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";

export interface LateOutcomeInput {
  runId: string;
  effectId: string;
  key: string;
  outcome: Extract<Outcome, { status: "confirmed" }> | Failed | Lost;
  /** Of a driver that has not left its cancelled run yet. */
  lease?: { owner: string; epoch: number };
}

interface Failed {
  status: "failed";
  error: RecordedError;
  /** `cancelled`: the body says that it did nothing, because its run was cancelled. */
  reason?: string;
}

/** The acknowledgement was lost: it may have happened. */
interface Lost {
  status: "unknown";
  error?: RecordedError;
  reason: string;
  /** May a reactor settle it? Else only a person. */
  checkable: boolean;
}

/**
 * What a driver that may not commit any more still has to say about an effect it performed (D12): a CONFIRMED settles it
 * while it is PENDING or UNKNOWN, because money may have moved; after another outcome stands it is journaled as a
 * conflict, and its obligation is registered. Under the lease of a cancelled run, also while its compensation is asked
 * for, the other outcomes of a PENDING effect are taken too. Without it a FAILED is journaled and changes nothing, and a
 * lost acknowledgement is nothing new. The same outcome said twice is one.
 */
export async function recordLateOutcome(store: Store, { runId, effectId, key, outcome, lease }: LateOutcomeInput): Promise<void> {
  await inTransaction(store, async (tx) => {
    const { run, effect } = await lockEffect(tx, effectId);
    const isHeld = lease !== undefined && isLeftBy(run, lease);
    const settlement = { by: isHeld ? ("driver" as const) : ("late" as const) };
    const isTaken = isHeld && effect.status === "PENDING";
    switch (outcome.status) {
      case "unknown":
        return isTaken ? await loseEffect(tx, run, effect, outcome) : undefined;
      case "failed":
        if (isTaken) return await settleEffect(tx, run, effect, outcome, { ...settlement, ...(outcome.reason !== undefined && { reason: outcome.reason }) });
        if (standsFailed(effect, outcome.error) || (await isSaid(tx, effect, "late_failure", { error: outcome.error }))) return;
        return void (await appendToRun(tx, { runId, happenings: [lateFailure(effectId, key, outcome.error)] }));
      case "confirmed":
        if (!effectMachine.ended.includes(effect.status)) return await settleEffect(tx, run, effect, outcome, settlement);
        // What was only read contradicts nothing that was done.
        if (effect.semantics === "OBSERVE_ONLY" || stands(effect, outcome.result)) return;
        return await contradictEffect(tx, run, effect, outcome, settlement.by);
    }
  });
}

function lateFailure(effectId: string, key: string, error: RecordedError) {
  return { kind: "effect", verb: "late_failure", payload: { effectId, key, error } } as const;
}

/** Is this the very outcome that is recorded? */
function stands(effect: LockedEffect, result: unknown): boolean {
  if (effect.status !== "CONFIRMED") return false;
  // Retention has dropped what was recorded: there is nothing left to contradict.
  if (effect.outcome === null) return true;
  const recorded = parseBody(effect.outcome) as { result?: unknown } | null;
  return JSON.stringify(recorded?.result ?? null) === JSON.stringify(result ?? null);
}

function standsFailed(effect: LockedEffect, error: RecordedError): boolean {
  return effect.status === "FAILED" && JSON.stringify((parseBody(effect.outcome) as { error?: unknown } | null)?.error) === JSON.stringify(error);
}
