import { effectMachine, TapeError, type Effect, type RecordedError } from "@tape/core";
import { armDuplicates } from "../obligation/duplicates.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { contradictEffect } from "./contradict.ts";
import { getEffect } from "./get.ts";
import { lockEffect, type LockedEffect } from "./lock.ts";
import { backoffMs, postponeEffect } from "./postpone.ts";
import { canBeSent, retryEffect } from "./retry.ts";
import { settleEffect, type Outcome } from "./settle.ts";
import { storableOutcome } from "./storable.ts";

/** What the counterparty says of an effect whose acknowledgement was lost. */
export type Observation =
  | Extract<Outcome, { status: "confirmed" }>
  | { status: "failed"; error: RecordedError | string }
  | { status: "absent" }
  /** It happened more than once. `refs`: the counterparty's reference of every copy; the first stands, or the one that is known already. */
  | (Omit<Extract<Outcome, { status: "confirmed" }>, "status" | "externalRef"> & { status: "duplicate"; refs: readonly string[] })
  | { status: "inconclusive"; message?: string };

export interface RecordObservation {
  effectId: string;
  /** As `claimEffectsToCheck` gave it. */
  claim: string;
  observation: Observation;
}

/** After so many answers that settle nothing, a NON_IDEMPOTENT effect is also shown to a person. */
const CHECKS_BEFORE_PERSON = 10;
const BY = { by: "reconciler" } as const;

/**
 * Applies what was observed, as the table of DESIGN §3 says: confirmed and failed settle it; absent sends it again, or
 * leaves a NON_IDEMPOTENT one to a person; a duplicate confirms it and arms one obligation per extra copy (D18); anything
 * else waits longer. A confirmation is taken of any unsettled effect, whoever holds the claim: what has happened does not
 * become untrue. An outcome that stands is kept, and a contradicting
 * observation is journaled as `effect.conflict` (D12).
 *
 * @throws {TapeError} `not_found`; `lease_lost` when somebody else has claimed it since.
 */
export async function recordObservation(store: Store, { effectId, claim, observation }: RecordObservation): Promise<Effect> {
  await inTransaction(store, async (tx) => {
    const { run, effect } = await lockEffect(tx, effectId);
    if (observation.status === "duplicate") return await applyDuplicate(tx, run, effect, observation);
    if (effectMachine.ended.includes(effect.status)) return await contradictIfOther(tx, run, effect, observation);
    if (observation.status === "confirmed") return await settleEffect(tx, run, effect, storableOutcome(observation), BY);
    if (effect.claim !== claim || effect.status !== "UNKNOWN") throw claimLost(effect);
    await apply(tx, run, effect, observation);
  });
  return await getEffect(store, { id: effectId });
}

export function claimLost({ id, claim }: LockedEffect): TapeError {
  return new TapeError("lease_lost", `The effect ${id} is not yours to report on any more${claim === null ? "" : `: ${claim} has it`}.`, { claim });
}

async function apply(tx: Tx, run: LockedRun, effect: LockedEffect, observation: Exclude<Observation, { status: "confirmed" | "duplicate" }>): Promise<void> {
  switch (observation.status) {
    case "failed":
      return await settleEffect(tx, run, effect, { status: "failed", error: errorOf(observation.error) }, BY);
    case "absent":
      return await applyAbsent(tx, run, effect);
    case "inconclusive": {
      const checks = effect.checks + 1;
      const needsPerson = effect.semantics === "NON_IDEMPOTENT" && checks >= CHECKS_BEFORE_PERSON;
      return await postponeEffect(tx, run, effect, { ...observation, observation: "inconclusive", nextInMs: backoffMs(checks), needsPerson });
    }
  }
}

async function applyAbsent(tx: Tx, run: LockedRun, effect: LockedEffect): Promise<void> {
  if (effect.semantics === "NON_IDEMPOTENT") {
    return await postponeEffect(tx, run, effect, { observation: "absent", message: "absent at the counterparty", nextInMs: null, needsPerson: true });
  }
  if (canBeSent(run, effect)) return await retryEffect(tx, run, effect, { ...BY, reason: "absent at the counterparty" });
  const error = { name: "EffectAbsent", message: `${effect.tool} never reached its counterparty, and its run is ${run.status}` };
  await settleEffect(tx, run, effect, { status: "failed", error }, { ...BY, reason: "absent" });
}

/** Heard again, a copy that is known already is not armed again. */
async function applyDuplicate(tx: Tx, run: LockedRun, effect: LockedEffect, { refs, ...seen }: Extract<Observation, { status: "duplicate" }>): Promise<void> {
  const standing = effect.externalRef !== null && refs.includes(effect.externalRef) ? effect.externalRef : refs[0];
  const outcome = storableOutcome({ ...seen, status: "confirmed", ...(standing !== undefined && { externalRef: standing }) });
  if (effect.status === "FAILED") await contradictEffect(tx, run, effect, outcome, BY.by);
  else if (effect.status !== "CONFIRMED") await settleEffect(tx, run, effect, outcome, { ...BY, reason: `seen ${refs.length} times at the counterparty` });
  await armDuplicates(tx, run, effect, { refs: refs.filter((ref) => ref !== standing), result: outcome.result });
}

async function contradictIfOther(tx: Tx, run: LockedRun, effect: LockedEffect, observation: Observation): Promise<void> {
  if (observation.status === "confirmed" && effect.status === "FAILED") return await contradictEffect(tx, run, effect, storableOutcome(observation), BY.by);
  if (observation.status === "failed" && effect.status === "CONFIRMED") {
    await contradictEffect(tx, run, effect, { status: "failed", error: errorOf(observation.error) }, BY.by);
  }
}

function errorOf(error: RecordedError | string): RecordedError {
  return typeof error === "string" ? { name: "EffectFailed", message: error } : error;
}
