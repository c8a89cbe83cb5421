import type { Entry, Run } from "@tape/core";

/** What a screen knows of one run: the row and its journal up to `seq`, without holes. */
export interface RunView {
  run: Run;
  entries: readonly Entry[];
  /** The last entry that is here. Behind `run.seq` while pages are still on their way. */
  seq: number;
}

export type RunNews = { type: "run"; run: Run } | { type: "entries"; entries: readonly Entry[] };

/** First load and live patches go through here; the same news twice is one. */
export function runView(view: RunView, news: RunNews): RunView {
  switch (news.type) {
    case "run":
      return isOlder(news.run, view.run) ? view : { ...view, run: news.run };
    case "entries": {
      const { fresh } = acceptEntries(view.seq, news.entries);
      const last = fresh.at(-1);
      return last === undefined ? view : { ...view, entries: [...view.entries, ...fresh], seq: last.seq };
    }
  }
}

export function startRunView(run: Run, entries: readonly Entry[] = []): RunView {
  return runView({ run, entries: [], seq: 0 }, { type: "entries", entries });
}

/** Keeps what follows `seq` without a hole; `gap` says that something between is missing and must be asked for. */
export function acceptEntries(seq: number, entries: readonly Entry[]): { fresh: Entry[]; gap: boolean } {
  const fresh: Entry[] = [];
  let last = seq;
  for (const entry of entries) {
    if (entry.seq <= last) continue;
    if (entry.seq > last + 1) return { fresh, gap: true };
    fresh.push(entry);
    last = entry.seq;
  }
  return { fresh, gap: false };
}

/** An answer that was overtaken by a newer one. Rows without a new entry (progress, lease) have the same `seq` and win. */
function isOlder(run: Run, than: Run): boolean {
  return run.seq < than.seq;
}
