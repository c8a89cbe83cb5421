import type { EntryOf } from "../../entry/index.ts";
import { sayActor } from "../../words/actor.ts";
import { sayError } from "../../words/sentence/error.ts";
import { obligationSentence, sayCompensation } from "../../words/sentence/obligation.ts";
import { OBLIGATION_WORDS } from "../../words/tone.ts";
import type { ObligationStatus } from "../../machine/obligation.ts";
import type { ItemWait, TimelineItem } from "../item.ts";
import { begunBy, endedWaits, itemOf, msBetween, withNote, type GroupBase } from "./group.ts";

/** The undoing of one effect, from the moment it was armed. Until then it is a note under its effect. */
export interface ObligationGroup extends GroupBase {
  readonly kind: "obligation";
  readonly obligationId: string;
  readonly effectId: string;
  /** The compensator's words, taken over from the registration. */
  readonly what: string;
  readonly status: ObligationStatus;
  readonly attempts: number;
  readonly end: EntryOf<"obligation", "compensated"> | EntryOf<"obligation", "stuck"> | EntryOf<"obligation", "waived"> | null;
  readonly waits: readonly ItemWait[];
}

export function obligationGroupId(obligationId: string): string {
  return `obligation:${obligationId}`;
}

export function beginObligation(entry: EntryOf<"obligation">, what: string): ObligationGroup {
  const { effectId, obligationId } = entry.payload;
  const empty: ObligationGroup = {
    ...begunBy(entry, obligationGroupId(obligationId)),
    kind: "obligation",
    obligationId,
    effectId,
    what,
    status: "PENDING",
    attempts: 1,
    end: null,
    waits: [],
  };
  return extendObligation(empty, entry);
}

export function extendObligation(group: ObligationGroup, entry: EntryOf<"obligation">): ObligationGroup {
  switch (entry.verb) {
    case "registered":
      return { ...group, what: sayCompensation(entry.payload), status: "REGISTERED" };
    case "armed":
      return { ...group, status: "PENDING" };
    case "attempt_failed": {
      const { attempt, nextAttemptAt } = entry.payload;
      const wait = { from: entry.at, to: nextAttemptAt, why: "before trying to undo again" };
      return withNote({ ...group, attempts: attempt + 1, waits: [...group.waits, wait] }, entry, "quiet", obligationSentence(entry));
    }
    case "retried":
      return withNote({ ...group, status: "PENDING", end: null, waits: endedWaits(group.waits, entry.at) }, entry, "quiet", obligationSentence(entry));
    case "compensated": {
      const done: ObligationGroup = { ...group, status: "COMPENSATED", end: entry, waits: endedWaits(group.waits, entry.at) };
      return entry.payload.reason === undefined ? done : withNote(done, entry, "quiet", obligationSentence(entry));
    }
    case "waived":
      return withNote({ ...group, status: "WAIVED", end: entry, waits: endedWaits(group.waits, entry.at) }, entry, "quiet", obligationSentence(entry));
    case "stuck":
      return withNote(
        { ...group, status: "STUCK", end: entry, waits: [...endedWaits(group.waits, entry.at), { from: entry.at, to: null, why: "for an operator" }] },
        entry,
        "operator",
        obligationSentence(entry),
      );
  }
}

export function obligationItem(group: ObligationGroup): TimelineItem {
  const { end, status } = group;
  const endedAt = status === "REGISTERED" ? group.startedAt : end === null || status === "STUCK" ? null : end.at;
  return itemOf(group, OBLIGATION_WORDS[status], {
    kind: "obligation",
    sentence: sentenceOf(group),
    endedAt,
    durationMs: endedAt === null ? null : msBetween(group.startedAt, endedAt),
    attempts: group.attempts,
    refs: { obligationId: group.obligationId, effectId: group.effectId },
    waiting: status === "STUCK",
    waits: group.waits,
  });
}

function sentenceOf({ end, status, what }: ObligationGroup): string {
  if (status === "REGISTERED") return `Can be undone: ${what}`;
  if (end === null) return `Undoing: ${what}`;
  switch (end.verb) {
    case "compensated":
      return end.payload.reason === undefined ? `Undone: ${what}` : `Marked as undone by ${sayActor(end.payload.by)}: ${what}`;
    case "waived":
      return `Not undone, waived by ${sayActor(end.payload.by)}: ${what}`;
    case "stuck":
      return `Could not undo: ${what} (${sayError(end.payload.error)})`;
  }
}
