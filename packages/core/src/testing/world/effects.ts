import type { Entry } from "../../entry/index.ts";
import { moneyIn } from "../../words/money.ts";
import type { Decision, Effect, Obligation } from "../../wire/effect.ts";

/** The effects' wire objects after these entries, oldest first. */
export function effectsOf(entries: readonly Entry[]): Effect[] {
  const effects = new Map<string, Effect>();
  for (const entry of entries) {
    if (entry.kind !== "effect") continue;
    const before = effects.get(entry.payload.effectId);
    const after = before === undefined ? intended(entry) : changed(before, entry);
    if (after !== null) effects.set(after.id, after);
  }
  return [...effects.values()];
}

type Mine = Extract<Entry, { kind: "effect" }>;

function intended(entry: Mine): Effect | null {
  if (entry.verb !== "intended") return null;
  const { businessKey, dispatch, effectId, key, request, semantics, summary, tool } = entry.payload;
  return {
    id: effectId,
    runId: entry.runId,
    key,
    tool,
    status: "PENDING",
    semantics,
    dispatch,
    request,
    response: null,
    error: null,
    attempts: 1,
    businessKey: businessKey ?? null,
    externalRef: null,
    summary: summary ?? null,
    checks: 0,
    nextCheckAt: null,
    nextAttemptAt: null,
    needsPerson: false,
    createdAt: entry.at,
    settledAt: null,
  };
}

function changed(effect: Effect, entry: Mine): Effect {
  switch (entry.verb) {
    case "attempt_failed":
    case "resumed":
      return { ...effect, attempts: effect.attempts + 1 };
    case "confirmed": {
      const { externalRef, result, summary } = entry.payload;
      return { ...effect, status: "CONFIRMED", response: result, externalRef: externalRef ?? null, summary: summary ?? effect.summary, nextCheckAt: null, settledAt: entry.at };
    }
    case "failed":
      return { ...effect, status: "FAILED", error: entry.payload.error, nextCheckAt: null, settledAt: entry.at };
    case "unknown":
      return { ...effect, status: "UNKNOWN", error: entry.payload.error ?? null };
    case "retried":
      return { ...effect, status: "PENDING", needsPerson: false, settledAt: null };
    case "observed": {
      const { checks, nextCheckAt, observation } = entry.payload;
      return { ...effect, checks, nextCheckAt, needsPerson: nextCheckAt === null && (observation === "absent" || observation === "inconclusive") };
    }
    case "intended":
    case "delivered":
    case "conflict":
    case "late_failure":
    case "in_flight":
      return effect;
  }
}

/** The obligations' wire objects after these entries, oldest first. */
export function obligationsOf(entries: readonly Entry[]): Obligation[] {
  const effects = new Map(effectsOf(entries).map((effect) => [effect.id, effect]));
  const obligations = new Map<string, Obligation>();
  for (const entry of entries) {
    if (entry.kind !== "obligation") continue;
    const { effectId, obligationId } = entry.payload;
    const before = obligations.get(obligationId) ?? {
      id: obligationId,
      runId: entry.runId,
      effectId,
      kind: "reverse-wire",
      status: "REGISTERED",
      payload: null,
      attempts: 0,
      lastError: null,
      nextAttemptAt: null,
      summary: null,
      amount: moneyIn(effects.get(effectId)?.response) ?? moneyIn(effects.get(effectId)?.request),
      createdAt: entry.at,
      settledAt: null,
    };
    obligations.set(obligationId, walked(before, entry));
  }
  return [...obligations.values()];
}

function walked(obligation: Obligation, entry: Extract<Entry, { kind: "obligation" }>): Obligation {
  switch (entry.verb) {
    case "registered":
      return { ...obligation, kind: entry.payload.compensator, summary: entry.payload.summary ?? null };
    case "armed":
      return { ...obligation, status: "PENDING" };
    case "retried":
      return { ...obligation, status: "PENDING", attempts: 0, nextAttemptAt: null };
    case "attempt_failed":
      return { ...obligation, attempts: entry.payload.attempt, lastError: entry.payload.error.message, nextAttemptAt: entry.payload.nextAttemptAt };
    case "compensated":
      return { ...obligation, status: "COMPENSATED", attempts: obligation.attempts + 1, nextAttemptAt: null, settledAt: entry.at };
    case "stuck":
      return { ...obligation, status: "STUCK", attempts: obligation.attempts + 1, lastError: entry.payload.error.message, nextAttemptAt: null };
    case "waived":
      return { ...obligation, status: "WAIVED", settledAt: entry.at };
  }
}

/** The decisions' wire objects after these entries. */
export function decisionsOf(entries: readonly Entry[]): Decision[] {
  const decisions = new Map<string, Decision>();
  for (const entry of entries) {
    if (entry.kind !== "decision") continue;
    if (entry.verb === "asked") {
      const { index, model, name, request } = entry.payload;
      decisions.set(entry.payload.key, { index, name, model, request, response: null, usage: null, rationale: null, at: entry.at });
      continue;
    }
    const asked = decisions.get(entry.payload.key);
    if (asked === undefined || entry.verb === "failed") continue;
    const { rationale, response, usage } = entry.payload;
    decisions.set(entry.payload.key, { ...asked, response, usage: usage ?? null, rationale: rationale ?? null });
  }
  return [...decisions.values()];
}
