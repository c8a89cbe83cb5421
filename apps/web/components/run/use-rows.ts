"use client";

import type { TimelineItem } from "@tape/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { useNow } from "../shell/clock/clock.tsx";
import { foldRows, withNewer, type Folded, type Row } from "./rows.ts";

/** Folding may take at most this share of the time. */
const SHARE = 0.1;
/** The bars of what is still going on grow this often (ms). */
const GROW_MS = 5000;
const NOTHING: Folded = { rows: [], bars: [], count: 0 };

/** Rows for the list. A small timeline is folded with every patch; a huge one now and then, its new rows at the end meanwhile. */
export function useRows(items: readonly TimelineItem[], isComplete: boolean): { rows: readonly Row[]; bars: Folded["bars"] } {
  const clock = useNow();
  const [folded, setFolded] = useState<Folded>(() => (isComplete ? foldRows(items, clock.firstMs) : NOTHING));
  const last = useRef({ items, endedMs: 0, tookMs: 0 });

  useEffect(() => {
    if (!isComplete) return;
    const fold = () => {
      const startedMs = performance.now();
      setFolded(foldRows(items, clock.now()));
      last.current = { items, endedMs: performance.now(), tookMs: performance.now() - startedMs };
    };
    const { endedMs, tookMs } = last.current;
    const waitMs = Math.max(0, endedMs + tookMs / SHARE - performance.now());
    const soon = setTimeout(fold, waitMs);
    const goesOn = items.some((item) => item.endedAt === null);
    const grow = goesOn ? setInterval(fold, Math.max(GROW_MS, tookMs / SHARE)) : undefined;
    return () => {
      clearTimeout(soon);
      clearInterval(grow);
    };
  }, [items, isComplete, clock]);

  const rows = useMemo(() => withNewer(folded, items.length), [folded, items.length]);
  return { rows, bars: folded.bars };
}
