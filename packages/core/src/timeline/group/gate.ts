import type { EntryOf } from "../../entry/index.ts";
import { sayActor, sayAssignees } from "../../words/actor.ts";
import { gateSentence, sayQuestion } from "../../words/sentence/gate.ts";
import { foreign, quoted } from "../../words/text.ts";
import { GATE_OUTCOME_WORDS, GATE_WORDS, type StateWords } from "../../words/tone.ts";
import type { ChainLink, TimelineItem } from "../item.ts";
import { begunBy, itemOf, withNote, type GroupBase } from "./group.ts";

type End = EntryOf<"gate", "decided"> | EntryOf<"gate", "timed_out"> | EntryOf<"gate", "cancelled">;

/** One question to people: opened, voted on, and decided, timed out or withdrawn. */
export interface GateGroup extends GroupBase {
  readonly kind: "gate";
  readonly gateId: string;
  readonly name: string;
  readonly opened: EntryOf<"gate", "opened"> | null;
  readonly end: End | null;
  readonly approvals: number;
  /** The gates that expired before it with the same payload, the first one first. */
  readonly chain: readonly ChainLink[];
  /** The gate that was asked with the same payload after this one expired. */
  readonly escalatedTo: string | null;
}

export function gateGroupId(gateId: string): string {
  return `gate:${gateId}`;
}

export function beginGate(entry: EntryOf<"gate">): GateGroup {
  const { gateId, name } = entry.payload;
  const empty: GateGroup = { ...begunBy(entry, gateGroupId(gateId)), kind: "gate", gateId, name, opened: null, end: null, approvals: 0, chain: [], escalatedTo: null };
  return extendGate(empty, entry);
}

export function extendGate(group: GateGroup, entry: EntryOf<"gate">): GateGroup {
  switch (entry.verb) {
    case "opened":
      return { ...group, opened: entry };
    case "voted":
      return withNote(
        { ...group, approvals: group.approvals + (entry.payload.outcome === "approved" ? 1 : 0) },
        entry,
        "quiet",
        gateSentence(entry),
      );
    case "extended":
      return withNote(group, entry, "quiet", gateSentence(entry));
    case "decided":
    case "timed_out":
    case "cancelled":
      return { ...group, end: entry };
    case "delivered":
      return group;
  }
}

export function escalatedFrom(group: GateGroup, chain: readonly ChainLink[]): GateGroup {
  return { ...group, chain };
}

export function escalatedTo(group: GateGroup, name: string): GateGroup {
  return { ...group, escalatedTo: name };
}

export function linkOf({ end, id, name, startedAt }: GateGroup): ChainLink {
  return { itemId: id, name, at: end?.at ?? startedAt };
}

export function gateItem(group: GateGroup): TimelineItem {
  const { end, opened } = group;
  return itemOf(group, wordsOf(end), {
    kind: "gate",
    sentence: sentenceOf(group),
    endedAt: end?.at ?? null,
    key: opened?.payload.key ?? null,
    refs: { gateId: group.gateId },
    waiting: end === null,
    waits: [{ from: group.startedAt, to: end?.at ?? null, why: `for ${foreign(group.name, 60)}` }],
    chain: group.chain,
    name: group.name,
  });
}

function wordsOf(end: End | null): StateWords {
  if (end === null) return GATE_WORDS.OPEN;
  if (end.verb === "decided") return GATE_OUTCOME_WORDS[end.payload.outcome];
  return end.verb === "timed_out" ? GATE_WORDS.TIMED_OUT : GATE_WORDS.CANCELLED;
}

function sentenceOf({ approvals, end, escalatedTo: next, name, opened }: GateGroup): string {
  const what = opened === null ? foreign(name, 60) : sayQuestion(opened.payload);
  if (end === null) {
    const votes = opened !== null && opened.payload.quorum > 1 ? ` (${approvals} of ${opened.payload.quorum} approvals)` : "";
    return `Asks ${sayAssignees(opened?.payload.assignees ?? [])}: ${what}${votes}`;
  }
  if (end.verb === "timed_out") return `Nobody decided in time: ${what}${next === null ? "" : ` (went on to ${foreign(next, 60)})`}`;
  if (end.verb === "cancelled") return end.payload.reason === "run_ended" ? `Withdrawn with the run: ${what}` : `Withdrawn and asked anew: ${what}`;
  const comment = end.payload.comment === null || end.payload.comment.trim() === "" ? "" : `, ${quoted(end.payload.comment, 120)}`;
  const verb = end.payload.outcome === "approved" ? "approved" : "rejected";
  return `${sayActor(end.payload.decidedBy)} ${verb}: ${what}${comment}`;
}
