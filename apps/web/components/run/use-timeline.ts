"use client";

import { emptyTimeline, extendTimeline, type Entry, type TimelineItem } from "@tape/core";
import { useMemo, useRef } from "react";

/** The rows of a journal that only grows. Each patch costs by what is new in it. */
export function useTimeline(entries: readonly Entry[]): readonly TimelineItem[] {
  const known = useRef(emptyTimeline());
  return useMemo(() => {
    // Entries have no holes and begin at 1, so the place of the next one is the number of the last.
    known.current = extendTimeline(known.current, entries.slice(known.current.memory.lastSeq));
    return known.current.items;
  }, [entries]);
}
