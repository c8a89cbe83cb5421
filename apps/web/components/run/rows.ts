import { foldWaits, layout, type Gap, type TimelineItem } from "@tape/core";

/** A bar on the axis of time; shares of its width. */
export interface Bar {
  left: number;
  width: number;
}

/** What the list draws. Items are named by their place, so that a row always shows the newest state of its item. */
export type Row = { type: "item"; index: number } | { type: "gap"; gap: Gap };

export interface Folded {
  rows: readonly Row[];
  /** By place of the item; empty when there are too many to be told apart. */
  bars: readonly (Bar | undefined)[];
  /** How many items it was made from. */
  count: number;
}

/** Beyond this many rows a bar is thinner than a pixel and costs more than it says. */
const MAX_BARS = 2000;

const all = () => true;

/** Rows with long waits folded, and a bar each. Every item is a row; filters are applied to the rows. */
export function foldRows(items: readonly TimelineItem[], nowMs: number): Folded {
  const places = new Map(items.map((item, index) => [item.id, index]));
  const bars: (Bar | undefined)[] = [];
  const place = (id: string) => places.get(id) ?? 0;
  if (items.length > MAX_BARS) {
    const rows = foldWaits(items, { now: nowMs, visible: all }).map((row): Row => (row.type === "gap" ? { type: "gap", gap: row } : { type: "item", index: place(row.id) }));
    return { rows, bars, count: items.length };
  }
  const rows = layout(items, { now: nowMs, visible: all }).rows.map(({ row, left, width }): Row => {
    if (row.type === "gap") return { type: "gap", gap: row };
    bars[place(row.id)] = { left, width };
    return { type: "item", index: place(row.id) };
  });
  return { rows, bars, count: items.length };
}

/** The rows as they were last folded, and those that came since below them. */
export function withNewer(folded: Folded, count: number): readonly Row[] {
  if (count <= folded.count) return folded.rows;
  return [...folded.rows, ...Array.from({ length: count - folded.count }, (_, n): Row => ({ type: "item", index: folded.count + n }))];
}
