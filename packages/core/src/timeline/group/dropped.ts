import type { Entry } from "../../entry/index.ts";
import { count } from "../../words/text.ts";
import type { StateWords } from "../../words/tone.ts";
import type { TimelineItem } from "../item.ts";
import { begunBy, itemOf, type GroupBase } from "./group.ts";

/** Entries whose payloads retention has dropped, with none other between them, as one row: what they were about is not known any more. */
export interface DroppedGroup extends GroupBase {
  readonly kind: "dropped";
  readonly times: number;
  readonly lastAt: string;
}

export function beginDropped(entry: Entry): DroppedGroup {
  return { ...begunBy(entry, `dropped:${entry.seq}`), kind: "dropped", times: 1, lastAt: entry.at };
}

export function extendDropped(group: DroppedGroup, entry: Entry): DroppedGroup {
  return { ...group, times: group.times + 1, lastAt: entry.at };
}

const DROPPED: StateWords = { tone: "quiet", word: "dropped", icon: "bookmark" };

export function droppedItem(group: DroppedGroup): TimelineItem {
  const { times, lastAt } = group;
  return itemOf(group, DROPPED, { kind: "run", sentence: `${count(times, "entry", "entries")}: the content was dropped by retention`, endedAt: lastAt });
}
