import type { RunSummary } from "@tape/core";

/** A page of runs whose rows never move: what came or went since is counted, and shown when the person asks. */
export interface RunList {
  rows: readonly RunSummary[];
  /** Does the page begin at the newest run, and do older ones follow it? Says which news belongs to it. */
  isFirst: boolean;
  hasMore: boolean;
  /** Rows that no longer match the filter: they stay in place, dimmed. */
  gone: ReadonlySet<string>;
  /** Runs that match and would be on this page if it were asked for again. */
  arrived: ReadonlySet<string>;
}

export interface RunPage {
  rows: readonly RunSummary[];
  isFirst: boolean;
  hasMore: boolean;
}

export type RunListNews =
  | { type: "changed"; upserts: readonly RunSummary[]; removed: readonly string[] }
  /** The same page asked again, after a reconnect or by polling: what is not in it has gone, what is new has arrived. */
  | { type: "asked_again"; rows: readonly RunSummary[] };

export function startRunList(page: RunPage): RunList {
  return { ...page, gone: new Set(), arrived: new Set() };
}

export function runList(list: RunList, news: RunListNews): RunList {
  switch (news.type) {
    case "changed":
      return removeRows(upsertRows(list, news.upserts), news.removed);
    case "asked_again": {
      const present = new Set(news.rows.map((row) => row.id));
      const oldest = news.rows.at(-1);
      // New rows at the head push others off the foot of the page; those still match.
      const missing = list.rows.filter((row) => !present.has(row.id) && (!list.hasMore || !oldest || isNewer(row, oldest)));
      return removeRows(upsertRows(list, news.rows), missing.map((row) => row.id));
    }
  }
}

function upsertRows(list: RunList, upserts: readonly RunSummary[]): RunList {
  if (upserts.length === 0) return list;
  const byId = new Map(upserts.map((row) => [row.id, row]));
  const rows = list.rows.map((shown) => {
    const next = byId.get(shown.id);
    return next === undefined || next.seq < shown.seq ? shown : next;
  });
  const shown = new Set(list.rows.map((row) => row.id));
  const gone = new Set(list.gone);
  const arrived = new Set(list.arrived);
  for (const row of byId.values()) {
    if (shown.has(row.id)) gone.delete(row.id);
    else if (isOnPage(list, row)) arrived.add(row.id);
  }
  return { ...list, rows, gone, arrived };
}

function removeRows(list: RunList, removed: readonly string[]): RunList {
  if (removed.length === 0) return list;
  const shown = new Set(list.rows.map((row) => row.id));
  const gone = new Set(list.gone);
  const arrived = new Set(list.arrived);
  for (const id of removed) {
    if (shown.has(id)) gone.add(id);
    arrived.delete(id);
  }
  return { ...list, gone, arrived };
}

/** Lists go from the newest to the oldest by `(createdAt, id)`. */
function isOnPage({ rows, isFirst, hasMore }: RunList, row: RunSummary): boolean {
  const newest = rows[0];
  const oldest = rows.at(-1);
  if (newest === undefined || oldest === undefined) return true;
  return (isFirst || !isNewer(row, newest)) && (!hasMore || isNewer(row, oldest));
}

function isNewer(a: RunSummary, b: RunSummary): boolean {
  return a.createdAt === b.createdAt ? a.id > b.id : a.createdAt > b.createdAt;
}
