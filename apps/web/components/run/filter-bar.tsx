"use client";

import { grouped, type TimelineItem } from "@tape/core";
import { useMemo } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { GROUPS, groupOf, type GroupId, type TimelineFilter } from "./kinds.ts";

export interface FilterBarProps {
  items: readonly TimelineItem[];
  filter: TimelineFilter;
  onChange: (change: { groups?: readonly GroupId[]; bookkeeping?: boolean }) => void;
}

const pill =
  "group flex h-6 items-center gap-1.5 rounded-full px-2.5 text-sm whitespace-nowrap text-ink-2 hover:bg-hover hover:text-ink data-selected:bg-ink data-selected:text-canvas pointer-coarse:h-9";

/** Which rows: none chosen is all of them. Only kinds that occur are offered. */
export function FilterBar({ items, filter, onChange }: FilterBarProps) {
  const counts = useMemo(() => {
    const found = new Map<GroupId | "bookkeeping", number>();
    for (const item of items) {
      const group = groupOf(item.kind);
      found.set(group, (found.get(group) ?? 0) + 1);
      if (item.secondary) found.set("bookkeeping", (found.get("bookkeeping") ?? 0) + 1);
    }
    return found;
  }, [items]);
  const bookkeeping = counts.get("bookkeeping") ?? 0;
  return (
    <div className="flex shrink-0 items-center gap-1 overflow-x-auto border-b px-3 py-1.5 [scrollbar-width:none]">
      <ToggleButtonGroup
        aria-label="Show only"
        selectionMode="multiple"
        selectedKeys={filter.groups}
        onSelectionChange={(keys) => onChange({ groups: GROUPS.map(({ id }) => id).filter((id) => keys.has(id)) })}
        className="flex gap-0.5"
      >
        {GROUPS.filter(({ id }) => (counts.get(id) ?? 0) > 0 || filter.groups.includes(id)).map(({ id, name }) => (
          <ToggleButton key={id} id={id} className={pill}>
            {name} <span className="figures text-ink-3 group-data-selected:text-inherit">{grouped(String(counts.get(id) ?? 0))}</span>
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      {bookkeeping > 0 && filter.groups.length === 0 && (
        <ToggleButton isSelected={filter.bookkeeping} onChange={(on) => onChange({ bookkeeping: on })} className={`${pill} ml-auto`}>
          Bookkeeping <span className="figures text-ink-3 group-data-selected:text-inherit">{grouped(String(bookkeeping))}</span>
        </ToggleButton>
      )}
    </div>
  );
}
