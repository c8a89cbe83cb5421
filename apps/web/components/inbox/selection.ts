"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useCallback } from "react";

export type InboxTab = "open" | "history";

export interface Selection {
  /** The gate that the address names. */
  gateId: string | null;
  tab: InboxTab;
  /** Another card, without asking the server for the page again. */
  select(gateId: string | null, how?: "push" | "replace"): void;
}

/** The inbox's state is its address: `/inbox/<gate>?tab=history`. */
export function useSelection(): Selection {
  const path = usePathname();
  const tab: InboxTab = useSearchParams().get("tab") === "history" ? "history" : "open";
  const gateId = gateIdOf(path);
  const select = useCallback(
    (next: string | null, how: "push" | "replace" = "push") => {
      const address = hrefOf(next, tab);
      if (how === "push") window.history.pushState(null, "", address);
      else window.history.replaceState(null, "", address);
    },
    [tab],
  );
  return { gateId, tab, select };
}

/** The gate that a path names. Read from the address bar, it is newer than any render: two quick keys move twice. */
export function gateIdOf(path: string): string | null {
  return path.startsWith("/inbox/") ? decodeURIComponent(path.slice("/inbox/".length)) : null;
}

export function hrefOf(gateId: string | null, tab: InboxTab): string {
  return `/inbox${gateId === null ? "" : `/${gateId}`}${tab === "history" ? "?tab=history" : ""}`;
}
