"use client";

import { emptyTimeline, extendTimeline, type Entry, type TimelineItem } from "@tape/core";
import { useState } from "react";

/** The rows of a journal that only grows. Each patch costs by what is new in it. */
export function useTimeline(entries: readonly Entry[]): readonly TimelineItem[] {
  const [known, know] = useState(() => extendTimeline(emptyTimeline(), entries));
  // Entries have no holes and begin at 1, so the place of the next one is the number of the last.
  const next = entries.length > known.memory.lastSeq ? extendTimeline(known, entries.slice(known.memory.lastSeq)) : known;
  if (next !== known) know(next);
  return next.items;
}
