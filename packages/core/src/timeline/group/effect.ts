import type { EntryOf } from "../../entry/index.ts";
import { effectSentence } from "../../words/sentence/effect.ts";
import { obligationSentence, sayCompensation } from "../../words/sentence/obligation.ts";
import { foreign } from "../../words/text.ts";
import type { EffectStatus } from "../../machine/effect.ts";
import type { ItemWait } from "../item.ts";
import { nameOf, sayEffectGroup } from "./effect-item.ts";
import { endedWaits, withNote, type GroupBase } from "./group.ts";

type Settled = EntryOf<"effect", "confirmed"> | EntryOf<"effect", "failed">;

/** One tool call with everything that became of it: attempts, a lost acknowledgement, its outcome, late ones, its undoing. */
export interface EffectGroup extends GroupBase {
  readonly kind: "effect";
  readonly effectId: string;
  readonly key: string | null;
  readonly intended: EntryOf<"effect", "intended"> | null;
  readonly status: EffectStatus;
  readonly settled: Settled | null;
  readonly attempts: number;
  /** Nobody but a person can settle it: the last observation set no next one. */
  readonly needsPerson: boolean;
  readonly conflicts: number;
  readonly undone: boolean;
  /** What undoing it means, in words; more than one when there were extra copies. */
  readonly obligations: readonly { readonly id: string; readonly what: string }[];
  readonly waits: readonly ItemWait[];
}

type Mine = EntryOf<"effect"> | EntryOf<"obligation">;

export function effectGroupId(effectId: string): string {
  return `effect:${effectId}`;
}

export function beginEffect(entry: Mine): EffectGroup {
  const { effectId } = entry.payload;
  const empty: EffectGroup = {
    // Spelled out: a journal has more effects than all else, and a literal is several times faster than a spread.
    id: effectGroupId(effectId),
    seqs: [{ first: entry.seq, last: entry.seq }],
    startedAt: entry.at,
    notes: [],
    kind: "effect",
    effectId,
    key: entry.kind === "effect" ? entry.payload.key : null,
    intended: entry.verb === "intended" ? entry : null,
    status: "PENDING",
    settled: null,
    attempts: 1,
    needsPerson: false,
    conflicts: 0,
    undone: false,
    obligations: [],
    waits: [],
  };
  return entry.verb === "intended" ? empty : extendEffect(empty, entry);
}

export function extendEffect(group: EffectGroup, entry: Mine): EffectGroup {
  if (entry.kind === "obligation") return extendUndoing(group, entry);
  switch (entry.verb) {
    case "intended":
      return { ...group, intended: entry };
    case "attempt_failed":
      return withNote(
        { ...group, attempts: entry.payload.attempt + 1, waits: [...group.waits, backOff(entry)] },
        entry,
        "quiet",
        effectSentence(entry),
      );
    case "resumed":
      return withNote({ ...group, status: "PENDING", attempts: entry.payload.attempt, waits: endedWaits(group.waits, entry.at) }, entry, "quiet", effectSentence(entry));
    case "confirmed":
    case "failed":
      return settle(group, entry);
    case "unknown":
      return withNote(
        { ...group, status: "UNKNOWN", waits: [...endedWaits(group.waits, entry.at), { from: entry.at, to: null, why: `for the outcome of ${nameOf(group)}` }] },
        entry,
        "quiet",
        effectSentence(entry),
      );
    case "retried":
      return withNote(
        { ...group, status: "PENDING", settled: null, needsPerson: false, attempts: group.attempts + 1, waits: endedWaits(group.waits, entry.at) },
        entry,
        "quiet",
        effectSentence(entry),
      );
    case "observed":
      return observe(group, entry);
    case "conflict":
      return withNote({ ...group, conflicts: group.conflicts + 1 }, entry, "operator", effectSentence(entry));
    case "late_failure":
      return withNote(group, entry, "quiet", effectSentence(entry));
    case "in_flight":
    case "delivered":
      return group;
  }
}

function settle(group: EffectGroup, entry: Settled): EffectGroup {
  const status = entry.verb === "confirmed" ? "CONFIRMED" : "FAILED";
  const next: EffectGroup = { ...group, status, settled: entry, needsPerson: false, waits: endedWaits(group.waits, entry.at) };
  if (entry.verb === "confirmed" && entry.payload.notStorable !== undefined)
    return withNote(next, entry, "operator", `The result could not be stored: ${foreign(entry.payload.notStorable, 120)}`);
  return entry.payload.by === "driver" || entry.payload.by === "outbox" ? next : withNote(next, entry, "quiet", effectSentence(entry));
}

function observe(group: EffectGroup, entry: EntryOf<"effect", "observed">): EffectGroup {
  const { nextCheckAt, observation } = entry.payload;
  const needsPerson = group.status === "UNKNOWN" && nextCheckAt === null && (observation === "absent" || observation === "inconclusive");
  const tone = observation === "duplicate" ? "operator" : "quiet";
  const last = group.notes.at(-1);
  const sentence = effectSentence(entry);
  if (observation === "inconclusive" && last?.sentence.startsWith("The counterparty could not say")) {
    return { ...group, needsPerson, notes: [...group.notes.slice(0, -1), { seq: entry.seq, at: entry.at, tone, sentence }] };
  }
  return withNote({ ...group, needsPerson }, entry, tone, sentence);
}

function extendUndoing(group: EffectGroup, entry: EntryOf<"obligation">): EffectGroup {
  switch (entry.verb) {
    case "registered": {
      const { obligationId, reason, summary } = entry.payload;
      const what = summary === undefined ? `${sayCompensation(entry.payload)} for ${sayEffectGroup(group)}` : sayCompensation(entry.payload);
      const next = { ...group, obligations: [...group.obligations, { id: obligationId, what }] };
      return withNote(next, entry, reason === "confirmed" ? "quiet" : "operator", obligationSentence(entry));
    }
    case "compensated":
      return withNote({ ...group, undone: true }, entry, "undone", obligationSentence(entry));
    case "waived":
      return withNote(group, entry, "quiet", obligationSentence(entry));
    case "armed":
    case "attempt_failed":
    case "stuck":
    case "retried":
      return group;
  }
}

function backOff(entry: EntryOf<"effect", "attempt_failed">): ItemWait {
  return { from: entry.at, to: new Date(Date.parse(entry.at) + entry.payload.retryInMs).toISOString(), why: "before trying again" };
}
