import type { Happening } from "@tape/core";
import type { DriverRecord } from "@tape/store";
import { keyOf, type EffectRow, type Model, type RunRow } from "../../model.ts";
import { registeredEntry, registerObligation } from "../../obligation/register.ts";
import { plain } from "../../text.ts";
import { plainRow } from "./plain.ts";

type EffectHappening = Extract<Happening, { kind: "effect" }>;

/**
 * What an effect's record, which the run's last entry is, changes in its row and its run.
 *
 * @returns What is said right after it: what a confirmed effect owes.
 */
export function sayEffect(model: Model, run: RunRow, record: DriverRecord, happening: EffectHappening): Happening[] {
  if (happening.verb === "intended") {
    intend(model, run, record, happening.payload);
    return [];
  }
  const effect = model.effects.get(keyOf(run.id, happening.payload.key));
  if (!effect) return [];
  switch (happening.verb) {
    case "attempt_failed":
      effect.attempts = happening.payload.attempt + 1;
      return [];
    case "resumed":
      effect.attempts = happening.payload.attempt;
      return [];
    case "confirmed":
      settle(model, run, effect, "CONFIRMED", happening.payload);
      return owe(model, run, effect, record);
    case "failed":
      settle(model, run, effect, "FAILED");
      return [];
    case "unknown":
      lose(model, effect, record.checkable ?? false);
      return [];
    default:
      return [];
  }
}

/** It is written down before anything is done: PENDING. One of the outbox is due to be sent at once. */
function intend(model: Model, run: RunRow, { connector, compensator }: DriverRecord, intent: Extract<EffectHappening, { verb: "intended" }>["payload"]): void {
  const { effectId: id, key, tool, semantics, dispatch, fingerprint, businessKey, gateId, summary } = intent;
  const effect: EffectRow = {
    ...{ id, runId: run.id, key, tool, semantics, dispatch, fingerprint },
    status: "PENDING",
    requestSeq: run.seq,
    outcomeSeq: null,
    attempts: 1,
    connector: connector ?? null,
    businessKey: businessKey ?? null,
    externalRef: null,
    summary: summary ?? null,
    gateId: gateId ?? null,
    compensator: compensator ?? null,
    createdAt: model.now,
    settledAt: null,
    unknownSince: null,
    checks: 0,
    nextCheckAt: null,
    needsPerson: false,
    dueAt: dispatch === "OUTBOX" ? model.now : null,
    claim: null,
    claimExpiresAt: null,
    inFlightAt: null,
  };
  model.effects.set(keyOf(run.id, key), plainRow(effect));
  run.openEffects += 1;
}

/** Its driver says how it ended. It says so once, of what is PENDING or UNKNOWN. */
function settle(model: Model, run: RunRow, effect: EffectRow, status: "CONFIRMED" | "FAILED", said: { externalRef?: string; summary?: string } = {}): void {
  run.openEffects -= 1;
  if (effect.status !== "PENDING" && effect.status !== "UNKNOWN") return;
  effect.status = status;
  effect.outcomeSeq = run.seq;
  effect.settledAt = model.now;
  effect.unknownSince = effect.nextCheckAt = null;
  if (said.externalRef !== undefined) effect.externalRef = plain(said.externalRef);
  if (said.summary !== undefined) effect.summary = plain(said.summary);
}

/** What was done owes its inverse from the same commit on; its place in the walk is its confirmation's. */
function owe(model: Model, run: RunRow, effect: EffectRow, { obligation }: DriverRecord): Happening[] {
  if (!obligation) return [];
  registerObligation(model, obligation, { effect, position: run.seq, reason: "confirmed" });
  return [registeredEntry(obligation, { effect, reason: "confirmed" })];
}

/** Its acknowledgement was lost: asked after at once where somebody can, else left to a person. It stays open. */
function lose(model: Model, effect: EffectRow, checkable: boolean): void {
  if (effect.status !== "PENDING") return;
  effect.status = "UNKNOWN";
  effect.unknownSince = model.now;
  effect.checks = 0;
  effect.needsPerson = !checkable;
  effect.nextCheckAt = checkable ? model.now : null;
}
