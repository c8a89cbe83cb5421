import { emptyTimeline, extendTimeline, type Entry, type TimelineItem } from "@tape/core";
import type { Terminal } from "./terminal.ts";

/** Lines of a journal as it grows. */
export interface Story {
  /** The lines that these entries add. */
  linesOf(entries: readonly Entry[]): string[];
}

interface Options {
  /** Entries up to this one are only remembered, so that what follows can speak of what they began. Default 0. */
  after?: number;
  /** Bookkeeping too: drives, samples, reads. */
  all?: boolean;
}

/** Tells a journal in the sentences of `tape inspect`: a line when something begins, when its state changes, and for each of its notes. */
export function startStory({ paint }: Terminal, { after = 0, all = false }: Options = {}): Story {
  let state = emptyTimeline();
  const told = new Map<string, TimelineItem>();

  /** What these entries began or changed, in the order in which they did. */
  function extend(entries: readonly Entry[]): TimelineItem[] {
    state = extendTimeline(state, entries);
    const changed = state.items.filter((item) => told.get(item.id) !== item);
    return changed.sort((a, b) => a.lastSeq - b.lastSeq);
  }

  function tell(item: TimelineItem, entryAt: ReadonlyMap<number, Entry>): string[] {
    const before = told.get(item.id);
    told.set(item.id, item);
    if (item.secondary && !all) return [];
    // Changed by what is told elsewhere: the undoing of an effect is an item of its own.
    if (before?.lastSeq === item.lastSeq) return [];
    const isNews = before === undefined || before.sentence !== item.sentence || (before.status !== item.status && item.kind !== "run");
    const at = before === undefined ? item.startedAt : (entryAt.get(item.lastSeq)?.at ?? item.startedAt);
    const own = isNews ? [`${paint.dim(timeOf(at))}  ${paint[item.tone](item.status)}  ${item.sentence}`] : [];
    return [...own, ...item.notes.slice(before?.notes.length ?? 0).map((note) => `${paint.dim(timeOf(note.at))}    ${paint[note.tone](note.sentence)}`)];
  }

  return {
    linesOf(entries) {
      const news = entries.filter(({ seq }) => seq > after);
      for (const item of extend(entries.filter(({ seq }) => seq <= after))) told.set(item.id, item);
      const entryAt = new Map(news.map((entry) => [entry.seq, entry]));
      return extend(news).flatMap((item) => tell(item, entryAt));
    },
  };
}

/** UTC. */
function timeOf(at: string): string {
  return at.slice(11, 19);
}
