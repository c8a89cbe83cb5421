import { listed } from "../words/text.ts";
import type { TimelineItem } from "./item.ts";

/** A stretch in which nothing happened: the run only waited, or nobody drove it. Milliseconds since 1970. */
export interface Idle {
  readonly fromMs: number;
  readonly toMs: number;
  /** It still lasts: `toMs` is the `now` that was passed. */
  readonly isOpen: boolean;
  /** Completes "waited 3 h 12 m …". */
  readonly why: string;
}

interface Wait {
  readonly why: string;
  readonly fromMs: number;
  readonly isUndriven: boolean;
}

/** A moment at which something happened, and what began or ended with it. */
interface Edge {
  readonly ms: number;
  readonly busy: number;
  readonly begins?: Wait;
  readonly ends?: Wait;
}

/** A timeline on the axis of time: from the first moment to the last, or to now when something still goes on. */
export interface View {
  readonly fromMs: number;
  readonly toMs: number;
  readonly isOpen: boolean;
  readonly idle: readonly Idle[];
}

export function viewOf(items: readonly TimelineItem[], nowMs: number | null): View {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  let goesOn = false;
  for (const item of items) {
    const extent = extentOf(item);
    fromMs = Math.min(fromMs, extent.fromMs);
    toMs = Math.max(toMs, extent.toMs);
    goesOn ||= extent.goesOn;
  }
  if (items.length === 0) return { fromMs: 0, toMs: 0, isOpen: false, idle: [] };
  const isOpen = goesOn && nowMs !== null && nowMs > toMs;
  const span = { fromMs, toMs: isOpen ? nowMs : toMs, isOpen };
  return { ...span, idle: idleStretches(items, span) };
}

interface Extent {
  readonly fromMs: number;
  readonly toMs: number;
  readonly goesOn: boolean;
}

/** Rows never change, so what was found out about one is kept: a live patch looks only at what is new. */
const EXTENTS = new WeakMap<TimelineItem, Extent>();
const EDGES = new WeakMap<TimelineItem, readonly Edge[]>();

function extentOf(item: TimelineItem): Extent {
  const known = EXTENTS.get(item);
  if (known !== undefined) return known;
  const fromMs = Date.parse(item.startedAt);
  const toMs = Math.max(item.endedAt === null ? fromMs : Date.parse(item.endedAt), ...item.notes.map((note) => Date.parse(note.at)));
  const extent = { fromMs, toMs, goesOn: item.endedAt === null || item.waits.some((wait) => wait.to === null) };
  EXTENTS.set(item, extent);
  return extent;
}

/**
 * All idle stretches, in order. Between two moments at which something happened the run was idle if nobody drove it, or
 * if something was waited for while nothing was at work. One sweep over the edges of all rows.
 */
function idleStretches(items: readonly TimelineItem[], span: Omit<View, "idle">): Idle[] {
  const edges: Edge[] = [];
  for (const item of items) for (const edge of edgesOf(item, span.toMs)) edges.push(edge);
  edges.push({ ms: span.toMs, busy: 0 });
  edges.sort((a, b) => a.ms - b.ms);
  const waits = new Set<Wait>();
  const found: Idle[] = [];
  let busy = 0;
  let undriven = 0;
  for (const [place, edge] of edges.entries()) {
    busy += edge.busy;
    if (edge.begins) waits.add(edge.begins);
    if (edge.ends) waits.delete(edge.ends);
    undriven += (edge.begins?.isUndriven ? 1 : 0) - (edge.ends?.isUndriven ? 1 : 0);
    const toMs = edges[place + 1]?.ms ?? edge.ms;
    if (toMs > edge.ms && (undriven > 0 || (waits.size > 0 && busy === 0))) {
      found.push({ fromMs: edge.ms, toMs, isOpen: span.isOpen && toMs === span.toMs, why: whyOf([...waits], edge.ms) });
    }
  }
  return found;
}

/** What is waited for says more than that nobody drives; and once it came, only a worker is missing. */
function whyOf(waits: readonly Wait[], fromMs: number): string {
  const named = waits.filter((wait) => !wait.isUndriven);
  if (named.length > 0) return listed([...new Set(named.map((wait) => wait.why))]);
  return waits.find((wait) => wait.fromMs === fromMs)?.why ?? "for a worker";
}

const AT_WORK = new Set<TimelineItem["kind"]>(["decision", "effect", "obligation"]);

function edgesOf(item: TimelineItem, lastMs: number): readonly Edge[] {
  const known = EDGES.get(item);
  if (known !== undefined) return known;
  const edges = findEdges(item, lastMs);
  if (!extentOf(item).goesOn) EDGES.set(item, edges);
  return edges;
}

function findEdges(item: TimelineItem, lastMs: number): Edge[] {
  const startMs = extentOf(item).fromMs;
  const endMs = item.endedAt === null ? lastMs : Date.parse(item.endedAt);
  const busy = AT_WORK.has(item.kind) && endMs > startMs ? 1 : 0;
  const edges: Edge[] = [{ ms: startMs, busy }];
  if (endMs > startMs) edges.push({ ms: endMs, busy: -busy });
  for (const note of item.notes) edges.push({ ms: Date.parse(note.at), busy: 0 });
  for (const { from, to, why } of item.waits) {
    const fromMs = Date.parse(from);
    const toMs = to === null ? lastMs : Math.min(Date.parse(to), lastMs);
    if (toMs <= fromMs) continue;
    const wait: Wait = { why, fromMs, isUndriven: item.kind === "drive" || item.kind === "run" };
    edges.push({ ms: fromMs, busy: -busy, begins: wait }, { ms: toMs, busy, ends: wait });
  }
  return edges;
}
