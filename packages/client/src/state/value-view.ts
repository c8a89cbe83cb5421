import type { Value, ValueChange } from "@tape/core";

/** What a screen knows of one value. */
export interface ValueView {
  /** Null while it is not live: never written, or deleted. */
  value: Value | null;
  /** The last version that is here, a deletion's included; 0 before the first. */
  version: number;
  /** Versions that were never seen: history had forgotten them when they were asked for. */
  skipped: number;
}

export type ValueNews = { type: "current"; current: Value | null } | { type: "changed"; change: ValueChange };

export function startValueView(current: Value | null = null): ValueView {
  return valueView({ value: null, version: 0, skipped: 0 }, { type: "current", current });
}

/** First load and live patches go through here; an older version never comes back, the same news twice is one. */
export function valueView(view: ValueView, news: ValueNews): ValueView {
  const next = news.type === "current" ? news.current : news.change;
  if (next === null || next.version <= view.version) return view;
  const { namespace, key, value, version, writer, at, deleted } = next;
  const skipped = news.type === "changed" ? view.skipped + news.change.skipped : view.skipped;
  return { value: deleted ? null : { namespace, key, value, version, writer, at, deleted }, version, skipped };
}

/** Does it follow `version`? `gap`: something between is neither here nor said to be skipped, and must be asked for. */
export function acceptChange(version: number, change: Pick<ValueChange, "version" | "skipped">): { isNew: boolean; gap: boolean } {
  if (change.version <= version) return { isNew: false, gap: false };
  const gap = change.version - change.skipped > version + 1;
  return { isNew: !gap, gap };
}
