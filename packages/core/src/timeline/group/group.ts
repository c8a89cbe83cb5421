import type { Entry } from "../../entry/index.ts";
import type { StateWords } from "../../words/tone.ts";
import type { ItemNote, ItemWait, SeqRange, TimelineItem } from "../item.ts";

/** What every group keeps, whatever its kind: which entries it is made of and what happened within it. */
export interface GroupBase {
  readonly id: string;
  readonly seqs: readonly SeqRange[];
  readonly startedAt: string;
  readonly notes: readonly ItemNote[];
}

export function begunBy(entry: Entry, id: string): GroupBase {
  return { id, seqs: [{ first: entry.seq, last: entry.seq }], startedAt: entry.at, notes: [] };
}

/** The group with `entry` added to its sequence numbers. */
export function withSeq<G extends GroupBase>(group: G, entry: Entry): G {
  const last = group.seqs.at(-1);
  if (last === undefined || entry.seq > last.last + 1) return { ...group, seqs: [...group.seqs, { first: entry.seq, last: entry.seq }] };
  if (entry.seq <= last.last) return group;
  return { ...group, seqs: [...group.seqs.slice(0, -1), { first: last.first, last: entry.seq }] };
}

/** More notes than this tell a reader nothing; the entries are all there to be opened. */
const MAX_NOTES = 24;

/** The group with a note; of very many, the first half and the newest stay. */
export function withNote<G extends GroupBase>(group: G, entry: Entry, tone: ItemNote["tone"], sentence: string): G {
  const notes = group.notes.length < MAX_NOTES ? group.notes : group.notes.toSpliced(MAX_NOTES / 2, 1);
  return { ...group, notes: [...notes, { seq: entry.seq, at: entry.at, tone, sentence }] };
}

type Said = Pick<TimelineItem, "kind" | "sentence" | "endedAt"> &
  Partial<Pick<TimelineItem, "durationMs" | "key" | "attempts" | "times" | "refs" | "waiting" | "secondary" | "waits" | "notes" | "chain" | "name" | "inverses">>;

/** An item from a group, the words of its state, and what its kind says. */
export function itemOf(group: GroupBase, words: StateWords, said: Said): TimelineItem {
  const first = group.seqs[0]?.first ?? 0;
  return {
    id: group.id,
    tone: words.tone,
    status: words.word,
    icon: words.icon,
    struck: words.struck ?? false,
    startedAt: group.startedAt,
    durationMs: said.endedAt === null || said.endedAt === group.startedAt ? null : msBetween(group.startedAt, said.endedAt),
    firstSeq: first,
    lastSeq: group.seqs.at(-1)?.last ?? first,
    seqs: group.seqs,
    key: null,
    attempts: 1,
    times: 1,
    refs: {},
    waiting: false,
    secondary: false,
    notes: group.notes,
    waits: [],
    chain: [],
    name: null,
    inverses: 0,
    ...said,
  };
}

export function msBetween(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}

/** The waits with an open one ended, and none reaching beyond `at`. */
export function endedWaits(waits: readonly ItemWait[], at: string): readonly ItemWait[] {
  return waits.map((wait) => (wait.to === null || wait.to > at ? { ...wait, to: at } : wait));
}
