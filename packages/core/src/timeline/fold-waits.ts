import { formatDuration, msOf, type Instant } from "../words/time.ts";
import { viewOf, type Idle, type View } from "./idle.ts";
import type { TimelineItem } from "./item.ts";

export interface FoldOptions {
  /** A wait longer than this share of the view is folded; the view is what is left once every longer one is. Default 0.1. */
  readonly fraction?: number;
  /** No wait shorter than this is folded, in milliseconds. Default 1000. */
  readonly minMs?: number;
  /** The server's clock. With it the wait that still lasts is a gap too; without, the view ends with the last entry. */
  readonly now?: Instant;
  /** Which items become rows (a filter). Default: all but the secondary ones. The gaps are those of the whole run. */
  readonly visible?: (item: TimelineItem) => boolean;
}

/** Time that is not drawn to scale. `label` says how long it was and for what. */
export interface Gap {
  readonly type: "gap";
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Time waited, in milliseconds: less than from `fromMs` to `toMs` where several waits became one gap. */
  readonly durationMs: number;
  readonly isOpen: boolean;
  /** `waited 3 h 12 m for cfo-approval`, `waiting 40 s for a worker`. */
  readonly label: string;
  readonly why: string;
}

export interface ItemRow {
  readonly type: "item";
  readonly id: string;
  readonly item: TimelineItem;
}

export type TimelineRow = ItemRow | Gap;

/**
 * The rows of a timeline with long waits between them folded to labelled gaps, so that a second of work beside hours of
 * waiting fills the screen, and so do twenty seconds between twenty equal waits. Items keep their order. Pass all items:
 * what is folded away or filtered out still tells when the run was waiting.
 */
export function foldWaits(items: readonly TimelineItem[], options: FoldOptions = {}): TimelineRow[] {
  return rowsOf(items, foldedGaps(viewOf(items, nowOf(options)), options), options.visible);
}

/** Items and gaps in order. */
export function rowsOf(items: readonly TimelineItem[], gaps: readonly Gap[], visible: FoldOptions["visible"] = isPrimary): TimelineRow[] {
  const rows: TimelineRow[] = [];
  let next = 0;
  for (const item of items) {
    if (!visible(item)) continue;
    const startMs = gaps.length === next ? 0 : Date.parse(item.startedAt);
    for (let gap = gaps[next]; gap !== undefined && gap.toMs <= startMs; gap = gaps[++next]) addGap(rows, gap);
    rows.push({ type: "item", id: item.id, item });
  }
  for (const gap of gaps.slice(next)) addGap(rows, gap);
  return rows;
}

/** Waits for the same thing with no row between them (a quorum's votes, the back-off of one call) are one gap. */
function addGap(rows: TimelineRow[], gap: Gap): void {
  const last = rows.at(-1);
  if (last?.type !== "gap" || last.why !== gap.why) return void rows.push(gap);
  rows[rows.length - 1] = named({ ...last, toMs: gap.toMs, durationMs: last.durationMs + gap.durationMs, isOpen: gap.isOpen });
}

function isPrimary(item: TimelineItem): boolean {
  return !item.secondary;
}

export function nowOf({ now }: FoldOptions): number | null {
  return now === undefined ? null : msOf(now);
}

/** The gaps alone, in order of time. */
export function foldedGaps({ fromMs, idle, toMs }: View, { fraction = 0.1, minMs = 1000 }: FoldOptions = {}): Gap[] {
  const byLength = idle
    .filter((stretch) => stretch.toMs - stretch.fromMs >= minMs)
    .sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs) || a.fromMs - b.fromMs);
  let left = toMs - fromMs;
  let folded = 0;
  for (const [place, stretch] of byLength.entries()) {
    const lengthMs = stretch.toMs - stretch.fromMs;
    if (lengthMs > fraction * left) folded = place + 1;
    left -= lengthMs;
  }
  return byLength
    .slice(0, folded)
    .sort((a, b) => a.fromMs - b.fromMs)
    .map(gapOf);
}

function gapOf({ fromMs, isOpen, toMs, why }: Idle): Gap {
  return named({ type: "gap", id: `gap:${fromMs}`, fromMs, toMs, durationMs: toMs - fromMs, isOpen, why });
}

function named(gap: Omit<Gap, "label">): Gap {
  return { ...gap, label: `${gap.isOpen ? "waiting" : "waited"} ${formatDuration(gap.durationMs)} ${gap.why}` };
}
