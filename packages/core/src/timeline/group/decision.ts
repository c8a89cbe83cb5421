import type { Entry, EntryOf } from "../../entry/index.ts";
import { sayUsage } from "../../words/sentence/decision.ts";
import { sayError } from "../../words/sentence/error.ts";
import { foreign, toolSentence } from "../../words/text.ts";
import type { StateWords } from "../../words/tone.ts";
import type { TimelineItem } from "../item.ts";
import { begunBy, itemOf, withNote, type GroupBase } from "./group.ts";

/** One model call: what was set aside for it, asked (perhaps more than once), answered or failed, what it cost. */
export interface DecisionGroup extends GroupBase {
  readonly kind: "decision";
  readonly key: string;
  readonly asked: EntryOf<"decision", "asked"> | null;
  readonly end: EntryOf<"decision", "answered"> | EntryOf<"decision", "failed"> | null;
}

type Mine = EntryOf<"decision"> | EntryOf<"budget", "reserved"> | EntryOf<"budget", "settled">;

export function decisionGroupId(key: string): string {
  return `decision:${key}`;
}

export function beginDecision(entry: Mine): DecisionGroup {
  const key = entry.payload.key;
  const empty: DecisionGroup = { ...begunBy(entry, decisionGroupId(key)), kind: "decision", key, asked: null, end: null };
  return extendDecision(empty, entry);
}

export function extendDecision(group: DecisionGroup, entry: Mine): DecisionGroup {
  if (entry.kind === "budget") return group;
  switch (entry.verb) {
    case "asked":
      return again({ ...group, asked: entry }, entry);
    case "answered":
    case "failed":
      return { ...group, end: entry };
  }
}

function again(group: DecisionGroup, entry: EntryOf<"decision", "asked">): DecisionGroup {
  if (entry.payload.attempt < 2) return group;
  return withNote(group, entry, "quiet", "The answer was lost with its worker, so the model was asked again");
}

const ASKED: StateWords = { tone: "live", word: "deciding", icon: "sparkles" };
const ANSWERED: StateWords = { tone: "quiet", word: "decided", icon: "sparkles" };
const FAILED: StateWords = { tone: "operator", word: "failed", icon: "x" };

export function decisionItem(group: DecisionGroup): TimelineItem {
  const { asked, end } = group;
  const name = foreign(asked?.payload.name ?? group.key, 60);
  const model = asked === null ? "" : ` with ${foreign(asked.payload.model, 60)}`;
  const shared = {
    kind: "decision" as const,
    key: group.key,
    attempts: asked?.payload.attempt ?? 1,
    endedAt: end?.at ?? null,
    durationMs: end?.payload.durationMs ?? null,
  };
  if (end === null) return itemOf(group, ASKED, { ...shared, sentence: `Deciding ${name}${model}` });
  if (end.verb === "failed") return itemOf(group, FAILED, { ...shared, sentence: `Deciding ${name} failed: ${sayError(end.payload.error)}` });
  const why = end.payload.rationale ? `: ${toolSentence(end.payload.rationale)}` : "";
  const cost = end.payload.usage === undefined ? "" : ` · ${sayUsage(end.payload.usage)}`;
  return itemOf(withStorage(group, end), ANSWERED, { ...shared, sentence: `Decided ${name}${why || model}${cost}` });
}

function withStorage(group: DecisionGroup, end: Entry & EntryOf<"decision", "answered">): DecisionGroup {
  const { notStorable } = end.payload;
  return notStorable === undefined ? group : withNote(group, end, "operator", `The answer could not be stored: ${foreign(notStorable, 120)}`);
}
