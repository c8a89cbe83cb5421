import type { Entry } from "../entry/index.ts";
import { msOf, type Instant } from "../words/time.ts";
import { apply } from "./apply.ts";
import { Draft, emptyTimeline, type TimelineState } from "./draft.ts";
import { lastingMs, type TimelineItem } from "./item.ts";

/**
 * The journal as a person reads it, in the order in which things began. With `now` (the server's clock), what is still
 * going on has its duration so far; without, null.
 */
export function timeline(entries: readonly Entry[], options: { now?: Instant } = {}): readonly TimelineItem[] {
  const { items } = extendTimeline(emptyTimeline(), entries);
  const { now } = options;
  return now === undefined ? items : items.map((item) => (item.endedAt === null ? { ...item, durationMs: lastingMs(item, msOf(now)) } : item));
}

/**
 * `state` and the entries after it. Costs by the number of new entries (and one copy of the list of rows, not of the
 * rows). Entries that the state already has are passed over, so a page may arrive twice. Rows that did not change are the
 * same objects as before. First load, pages and live patches all go through here, and any division into pages gives
 * the same rows.
 */
export function extendTimeline(state: TimelineState, entries: readonly Entry[]): TimelineState {
  if ((entries.at(-1)?.seq ?? 0) <= state.memory.lastSeq) return state;
  const draft = new Draft(state);
  for (const entry of entries) {
    if (entry.seq <= draft.lastSeq) continue;
    apply(draft, entry);
    draft.passed(entry);
  }
  return draft.finish();
}
