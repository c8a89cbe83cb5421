"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useMemo } from "react";
import { readGroups, type GroupId, type TimelineFilter } from "./kinds.ts";

/** What the address of a run page says beside the run: which rows, and what is opened beside them. */
export interface RunAddress {
  filter: TimelineFilter;
  /** The id of the item in the drawer. */
  itemId: string | null;
  /** The drawer shows the run's details. */
  details: boolean;
}

export function useRunAddress(): [RunAddress, (change: Partial<{ groups: readonly GroupId[]; bookkeeping: boolean; itemId: string | null; details: boolean }>) => void] {
  const params = useSearchParams();
  const address = useMemo<RunAddress>(
    () => ({
      filter: { groups: readGroups(params.get("show")), bookkeeping: params.get("bookkeeping") === "1" },
      itemId: params.get("item"),
      details: params.get("details") === "1",
    }),
    [params],
  );
  const change = useCallback<ReturnType<typeof useRunAddress>[1]>(
    (next) => {
      const changed = new URLSearchParams(window.location.search);
      const put = (name: string, value: string | null) => (value === null ? changed.delete(name) : changed.set(name, value));
      if (next.groups !== undefined) put("show", next.groups.length === 0 ? null : next.groups.join(","));
      if (next.bookkeeping !== undefined) put("bookkeeping", next.bookkeeping ? "1" : null);
      if (next.itemId !== undefined) put("item", next.itemId);
      if (next.details !== undefined) put("details", next.details ? "1" : null);
      const query = changed.toString();
      window.history.replaceState(null, "", `${window.location.pathname}${query === "" ? "" : `?${query}`}`);
    },
    [],
  );
  return [address, change];
}
