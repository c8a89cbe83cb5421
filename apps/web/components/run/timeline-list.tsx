"use client";

import type { TimelineItem } from "@tape/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Button } from "../kit/button.tsx";
import { useShortcuts } from "../shell/shortcuts/provider.tsx";
import { GapRow } from "./gap-row.tsx";
import { isShown, type TimelineFilter } from "./kinds.ts";
import type { Bar, Row } from "./rows.ts";
import { TimelineRow } from "./timeline-row.tsx";

export interface TimelineListProps {
  items: readonly TimelineItem[];
  rows: readonly Row[];
  bars: readonly (Bar | undefined)[];
  filter: TimelineFilter;
  selectedId: string | null;
  /** New rows are still to come: begin at the end and stay there. */
  isLive: boolean;
  onOpen: (itemId: string) => void;
}

const ROW_PX = 32;
const FIRST_RECT = { width: 1000, height: 760 };

/** The timeline. Only the rows on the screen are drawn, whatever its length; at its end it follows what comes. */
export function TimelineList({ items, rows, bars, filter, selectedId, isLive, onOpen }: TimelineListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [begunLive] = useState(isLive);
  const shown = useMemo(() => shownRows(rows, items, filter), [rows, items, filter]);
  // oxlint-disable-next-line react/incompatible-library -- it hands out functions that change under the same name; nothing here is memoised on them
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (at) => keyOf(shown[at], items),
    overscan: 12,
    initialRect: FIRST_RECT,
    anchorTo: begunLive ? "end" : "start",
    followOnAppend: begunLive,
    scrollEndThreshold: 40,
  });

  // A run that goes on is opened where it goes on; one that is over, at its beginning.
  const placed = useRef(false);
  useEffect(() => {
    if (placed.current || shown.length === 0) return;
    placed.current = true;
    const at = selectedId === null ? -1 : shown.findIndex((row) => row.type === "item" && items[row.index]?.id === selectedId);
    if (at >= 0) virtual.scrollToIndex(at, { align: "center" });
    else if (begunLive) virtual.scrollToEnd();
  }, [shown, items, selectedId, begunLive, virtual]);

  function move(by: number): void {
    const at = shown.findIndex((row) => row.type === "item" && items[row.index]?.id === selectedId);
    let next = at === -1 ? (virtual.range?.startIndex ?? 0) : at + by;
    while (shown[next]?.type === "gap") next += by;
    const row = shown[next];
    const item = row?.type === "item" ? items[row.index] : undefined;
    if (item === undefined) return;
    onOpen(item.id);
    virtual.scrollToIndex(next, { align: "auto" });
  }

  useShortcuts([
    { keys: "j", label: "Next row", group: "Run", repeats: true, run: () => move(1) },
    { keys: "k", label: "Previous row", group: "Run", repeats: true, run: () => move(-1) },
    { keys: "e", label: "To the end", group: "Run", run: () => virtual.scrollToEnd() },
  ]);

  const isAtEnd = virtual.isAtEnd(40);
  return (
    <div className="relative min-h-0 flex-1">
      <div ref={scroller} tabIndex={-1} className="h-full overflow-y-auto overscroll-contain outline-none [overflow-anchor:none]">
        <ol aria-label="Timeline" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const row = shown[index];
            const item = row?.type === "item" ? items[row.index] : undefined;
            return (
              <li key={key} ref={virtual.measureElement} data-index={index} aria-setsize={shown.length} aria-posinset={index + 1} className="absolute inset-x-0 top-0" style={{ transform: `translateY(${start}px)` }}>
                {row?.type === "gap" && <GapRow gap={row.gap} />}
                {item !== undefined && row?.type === "item" && <TimelineRow item={item} bar={bars[row.index]} isSelected={item.id === selectedId} onOpen={onOpen} />}
              </li>
            );
          })}
        </ol>
      </div>
      {isLive && !isAtEnd && (
        <div className="absolute right-4 bottom-3">
          <Button size="small" icon={<ArrowDown size={13} aria-hidden />} onPress={() => virtual.scrollToEnd()} className="bg-raised shadow-pop">
            Latest
          </Button>
        </div>
      )}
    </div>
  );
}

function shownRows(rows: readonly Row[], items: readonly TimelineItem[], filter: TimelineFilter): readonly Row[] {
  const isWhole = filter.groups.length === 0;
  return rows.filter((row) => {
    if (row.type === "gap") return isWhole;
    const item = items[row.index];
    return item !== undefined && isShown(item, filter);
  });
}

function keyOf(row: Row | undefined, items: readonly TimelineItem[]): string {
  if (row === undefined) return "";
  return row.type === "gap" ? row.gap.id : (items[row.index]?.id ?? String(row.index));
}
