import type { Entry, EntryOf } from "../entry/index.ts";
import { beginSample, beginValue, continuesSample, continuesValue, extendSample, extendValue } from "./group/collapsed.ts";
import { beginDecision, decisionGroupId, extendDecision } from "./group/decision.ts";
import { beginDropped, extendDropped } from "./group/dropped.ts";
import { beginEffect, effectGroupId, extendEffect } from "./group/effect.ts";
import { beginGate, escalatedFrom, extendGate, gateGroupId } from "./group/gate.ts";
import { beginObligation, extendObligation, obligationGroupId } from "./group/obligation.ts";
import { beginSignal, extendSignal, signalGroupId } from "./group/signal.ts";
import { beginSingle } from "./group/single.ts";
import { beginTimer, extendTimer, timerGroupId } from "./group/timer.ts";
import { escalate } from "./escalation.ts";
import { applyRun, resumeWalk } from "./apply-run.ts";
import type { GroupOf } from "./group/index.ts";
import type { Draft } from "./draft.ts";

/** Gives one entry to the group it belongs to. A new kind of entry does not compile until it has a place. */
export function apply(draft: Draft, entry: Entry): void {
  if (entry.dropped) return applyDropped(draft, entry);
  switch (entry.kind) {
    case "run":
      return entry.verb === "sampled" ? applySample(draft, entry) : applyRun(draft, entry);
    case "decision":
      return applyDecision(draft, entry);
    case "budget":
      if (entry.verb === "exceeded" || entry.verb === "raised") return void draft.add(beginSingle(entry));
      return applyDecision(draft, entry);
    case "effect":
      return applyEffect(draft, entry);
    case "obligation":
      return applyObligation(draft, entry);
    case "gate":
      return applyGate(draft, entry);
    case "signal":
      return applySignal(draft, entry);
    case "timer":
      return applyTimer(draft, entry);
    case "value":
      return applyValue(draft, entry);
  }
}

function applyDecision(draft: Draft, entry: EntryOf<"decision"> | EntryOf<"budget", "reserved" | "settled">): void {
  const at = draft.find(decisionGroupId(entry.payload.key));
  const group = draft.get(at, "decision");
  if (at === null || group === null) draft.add(beginDecision(entry));
  else draft.give(at, entry, extendDecision(group, entry));
}

function applyEffect(draft: Draft, entry: EntryOf<"effect">): void {
  const at = draft.find(effectGroupId(entry.payload.effectId));
  const group = draft.get(at, "effect");
  if (at === null || group === null) draft.add(beginEffect(entry));
  else draft.give(at, entry, extendEffect(group, entry));
}

/** A registration is a note under its effect; from arming on, undoing is a row of its own and the effect follows it. */
function applyObligation(draft: Draft, entry: EntryOf<"obligation">): void {
  const effectAt = draft.find(effectGroupId(entry.payload.effectId));
  const effect = draft.get(effectAt, "effect");
  if (entry.verb === "registered" && effectAt !== null && effect !== null) return draft.give(effectAt, entry, extendEffect(effect, entry));
  const at = draft.find(obligationGroupId(entry.payload.obligationId));
  const group = draft.get(at, "obligation");
  if (at === null || group === null) draft.add(beginObligation(entry, whatToUndo(effect, entry.payload.obligationId)));
  else draft.give(at, entry, extendObligation(group, entry));
  if (effectAt !== null && effect !== null) draft.touch(effectAt, extendEffect(effect, entry));
  if (entry.verb === "retried" || entry.verb === "waived" || entry.verb === "compensated") resumeWalk(draft, entry.payload.obligationId, entry.at);
}

function whatToUndo(effect: GroupOf<"effect"> | null, obligationId: string): string {
  return effect?.obligations.find(({ id }) => id === obligationId)?.what ?? "an effect";
}

function applyGate(draft: Draft, entry: EntryOf<"gate">): void {
  const at = draft.find(gateGroupId(entry.payload.gateId));
  const group = draft.get(at, "gate");
  const position = at === null || group === null ? draft.add(beginGate(entry)) : at;
  if (at !== null && group !== null) draft.give(at, entry, extendGate(group, entry));
  if (entry.verb === "timed_out") draft.remember({ expired: [...draft.memory.expired, position] });
  const now = draft.get(position, "gate");
  if (entry.verb === "opened" && now !== null) draft.touch(position, escalatedFrom(now, escalate(draft, now, position)));
}

/** A signal that comes while one of its name is awaited belongs to the oldest such wait. */
function applySignal(draft: Draft, entry: EntryOf<"signal">): void {
  const { awaited } = draft.memory;
  const waiting = entry.verb === "received" ? (awaited.find(({ name }) => name === entry.payload.name)?.position ?? null) : null;
  const at = waiting ?? draft.find(signalGroupId(entry));
  const group = draft.get(at, "signal");
  const position = at === null || group === null ? draft.add(beginSignal(entry)) : at;
  if (group !== null && at !== null) draft.give(at, entry, extendSignal(group, entry));
  if (entry.verb === "awaited") draft.remember({ awaited: [...awaited, { name: entry.payload.name, position }] });
  else if (awaited.some((wait) => wait.position === position)) draft.remember({ awaited: awaited.filter((wait) => wait.position !== position) });
}

function applyTimer(draft: Draft, entry: EntryOf<"timer">): void {
  const at = draft.find(timerGroupId(entry.payload.timerId));
  const group = draft.get(at, "timer");
  if (at === null || group === null) draft.add(beginTimer(entry));
  else draft.give(at, entry, extendTimer(group, entry));
}

function applySample(draft: Draft, entry: EntryOf<"run", "sampled">): void {
  const at = draft.lastPosition;
  const group = draft.get(at, "sample");
  if (at === null || group === null || !continuesSample(group, entry)) draft.add(beginSample(entry));
  else draft.give(at, entry, extendSample(group, entry));
}

function applyValue(draft: Draft, entry: EntryOf<"value">): void {
  const at = draft.lastPosition;
  const group = draft.get(at, "value");
  if (at === null || group === null || !continuesValue(group, entry)) draft.add(beginValue(entry));
  else draft.give(at, entry, extendValue(group, entry));
}

function applyDropped(draft: Draft, entry: Entry): void {
  const at = draft.lastPosition;
  const group = draft.get(at, "dropped");
  if (at === null || group === null) draft.add(beginDropped(entry));
  else draft.give(at, entry, extendDropped(group, entry));
}
