import { foldedGaps, nowOf, rowsOf, type FoldOptions, type Gap, type TimelineRow } from "./fold-waits.ts";
import { viewOf } from "./idle.ts";
import type { TimelineItem } from "./item.ts";

export interface LayoutOptions extends FoldOptions {
  /** The share of the width that each folded gap takes, less when there are many. Default 0.04. */
  readonly gapShare?: number;
}

/** A row and its bar. `left` and `width` are shares of the view, 0 to 1. */
export interface LaidRow {
  readonly row: TimelineRow;
  readonly left: number;
  readonly width: number;
}

export interface Layout {
  readonly rows: readonly LaidRow[];
  /** How much time is drawn to scale, in milliseconds. */
  readonly shownMs: number;
}

/** Rows with bars on one axis of time from which the folded waits are cut out. */
export function layout(items: readonly TimelineItem[], options: LayoutOptions = {}): Layout {
  const view = viewOf(items, nowOf(options));
  const gaps = foldedGaps(view, options);
  const axis = axisOf(view.fromMs, view.toMs, gaps, options.gapShare ?? 0.04);
  const rows = rowsOf(items, gaps, options.visible).map((row): LaidRow => {
    const [fromMs, toMs] = row.type === "gap" ? [row.fromMs, row.toMs] : reach(row.item, view.toMs);
    const left = axis.place(fromMs);
    return { row, left, width: Math.max(0, axis.place(toMs) - left) };
  });
  return { rows, shownMs: axis.shownMs };
}

function reach(item: TimelineItem, lastMs: number): [number, number] {
  const startMs = Date.parse(item.startedAt);
  return [startMs, item.endedAt === null ? lastMs : Math.max(startMs, Date.parse(item.endedAt))];
}

/** At most this share of the view is given to gaps, however many there are. */
const MAX_GAP_SHARE = 0.4;

function axisOf(fromMs: number, toMs: number, gaps: readonly Gap[], gapShare: number) {
  const share = Math.min(gapShare, gaps.length === 0 ? 0 : MAX_GAP_SHARE / gaps.length);
  const hiddenMs = gaps.reduce((sum, gap) => sum + gap.durationMs, 0);
  const shownMs = Math.max(0, toMs - fromMs - hiddenMs);
  const perMs = shownMs === 0 ? 0 : (1 - share * gaps.length) / shownMs;
  const hiddenBefore: number[] = [0];
  for (const gap of gaps) hiddenBefore.push((hiddenBefore.at(-1) ?? 0) + gap.durationMs);

  function place(ms: number): number {
    const before = countBefore(gaps, ms);
    const inside = gaps[before];
    const started = inside !== undefined && inside.fromMs < ms;
    const shown = (started ? inside.fromMs : ms) - fromMs - (hiddenBefore[before] ?? 0);
    const within = started ? ((ms - inside.fromMs) / inside.durationMs) * share : 0;
    return Math.min(1, Math.max(0, shown * perMs + before * share + within));
  }
  return { place, shownMs };
}

/** How many gaps have ended by `ms`. */
function countBefore(gaps: readonly Gap[], ms: number): number {
  let low = 0;
  let high = gaps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((gaps[middle]?.toMs ?? Number.POSITIVE_INFINITY) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
