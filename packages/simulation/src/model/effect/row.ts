import type { Effect, RecordedError } from "@tape/core";
import { iso } from "../iso.ts";
import type { EffectRow, Model } from "../model.ts";

export function toEffect(model: Model, effect: EffectRow): Effect {
  const { id, runId, key, tool, status, semantics, dispatch, attempts, businessKey, externalRef, summary } = effect;
  const outcome = bodyOf(model, runId, effect.outcomeSeq) as { result?: unknown; error?: RecordedError } | null;
  const isUnknown = status === "UNKNOWN";
  return {
    id,
    runId,
    key,
    tool,
    status,
    semantics,
    dispatch,
    request: requestOf(model, effect),
    response: outcome?.result ?? null,
    error: outcome?.error ?? lastFailure(model, effect),
    attempts,
    businessKey,
    externalRef,
    summary,
    checks: isUnknown ? effect.checks : 0,
    nextCheckAt: isUnknown ? iso(effect.nextCheckAt) : null,
    nextAttemptAt: status === "PENDING" && attempts > 1 && effect.inFlightAt === null ? iso(effect.dueAt) : null,
    needsPerson: effect.settledAt === null && effect.needsPerson,
    createdAt: iso(effect.createdAt),
    settledAt: iso(effect.settledAt),
  };
}

/** Why an effect of the outbox was not sent the last time. */
function lastFailure(model: Model, { id, runId, status, dispatch, attempts }: EffectRow): RecordedError | null {
  if (status !== "PENDING" || dispatch !== "OUTBOX" || attempts === 1) return null;
  const failed = model.journals.get(runId)?.findLast((entry) => entry.kind === "effect" && entry.verb === "attempt_failed" && (entry.payload as { effectId?: string }).effectId === id);
  return (failed?.payload as { error?: RecordedError } | undefined)?.error ?? null;
}

/** What the effect was asked to do. */
export function requestOf(model: Model, { runId, requestSeq }: EffectRow): unknown {
  return (bodyOf(model, runId, requestSeq) as { request?: unknown } | null)?.request ?? null;
}

/** What an entry of a run tells. */
function bodyOf(model: Model, runId: string, seq: number | null): unknown {
  return seq === null ? null : model.journals.get(runId)?.[seq - 1]?.payload;
}
