import type { IconName, Tone } from "../words/tone.ts";

export const ITEM_KINDS = [
  "run",
  "drive",
  "decision",
  "effect",
  "obligation",
  "gate",
  "signal",
  "timer",
  "value",
  "sample",
  "child",
  "budget",
] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** From `first` to `last`, both included. */
export interface SeqRange {
  readonly first: number;
  readonly last: number;
}

/** A stretch of time; `to` is null while it lasts. ISO instants. */
export interface Span {
  readonly from: string;
  readonly to: string | null;
}

/** Time in which an item only waited. `why` completes "waited 3 h 12 m …": `for cfo-approval`. */
export interface ItemWait extends Span {
  readonly why: string;
}

/** Something that happened within an item and is worth a line under it. */
export interface ItemNote {
  readonly seq: number;
  readonly at: string;
  readonly tone: Tone;
  readonly sentence: string;
}

/** A gate that expired before this one was asked with the same payload. */
export interface ChainLink {
  readonly itemId: string;
  readonly name: string;
  /** When it expired. */
  readonly at: string;
}

export interface ItemRefs {
  readonly effectId?: string;
  readonly gateId?: string;
  readonly obligationId?: string;
  readonly signalId?: string;
  readonly timerId?: string;
  /** Another run: a child, or the receiver of a signal. */
  readonly runId?: string;
  readonly owner?: string;
}

/** What a person reads as one thing. Immutable: an item that changed is a new object, one that did not is the same. */
export interface TimelineItem {
  /** `effect:eff_…`. Stable while the run lives: selection and React keys may use it. */
  readonly id: string;
  readonly kind: ItemKind;
  readonly tone: Tone;
  /** The state in a word: `confirmed`, `open`, `sleeping`. */
  readonly status: string;
  readonly icon: IconName;
  /** Cancelled or waived: drawn with a line through it. */
  readonly struck: boolean;
  /** Plain text, safe to place; never HTML. */
  readonly sentence: string;
  readonly startedAt: string;
  /** Null while it lasts. Equal to `startedAt` for what has no duration. */
  readonly endedAt: string | null;
  /** Milliseconds; null for a milestone and while it lasts (see `lastingMs`). */
  readonly durationMs: number | null;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The entries it is made of, in order. Every entry belongs to exactly one item. */
  readonly seqs: readonly SeqRange[];
  /** The step's key (D2), for the Details drawer. */
  readonly key: string | null;
  /** How often it was tried, at least 1. */
  readonly attempts: number;
  /** How many entries were collapsed into it: samples, writes of one value, drives. 1 for all else. */
  readonly times: number;
  readonly refs: ItemRefs;
  /** The run cannot go on before this is over: an open gate, a sleep, an awaited signal, an unknown outcome. */
  readonly waiting: boolean;
  /** Bookkeeping that a reader folds away: an uneventful drive, samples, reads. */
  readonly secondary: boolean;
  readonly notes: readonly ItemNote[];
  readonly waits: readonly ItemWait[];
  /** A gate's name: what its escalations are told by. Null for all else. */
  readonly name: string | null;
  /** An effect's: how many reversals it has, dormant or not. 0 for all else. */
  readonly inverses: number;
  /** An escalated gate: the gates before it, the first one first. Empty for all else. */
  readonly chain: readonly ChainLink[];
}

/** The sequence numbers of an item's entries, in order. */
export function seqsOf(item: Pick<TimelineItem, "seqs">): number[] {
  return item.seqs.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, place) => first + place));
}

/** How long an item took, or has lasted by `nowMs` (the server's clock, ms since 1970). Null for a milestone. */
export function lastingMs(item: Pick<TimelineItem, "startedAt" | "endedAt" | "durationMs">, nowMs: number): number | null {
  if (item.endedAt !== null) return item.durationMs;
  return Math.max(0, nowMs - Date.parse(item.startedAt));
}
