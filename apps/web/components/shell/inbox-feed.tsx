"use client";

import type { Gate } from "@tape/core";
import { useGates, type GatesFeed } from "@tape/client/react";
import { createContext, useContext, useEffect, useRef, type ReactNode } from "react";
import { useAnnounce } from "./announcer.tsx";

const InboxContext = createContext<GatesFeed | null>(null);

/** The open gates, followed once for the whole console: the header counts them, the tab's title counts them, the inbox lists them. */
export function InboxProvider({ gates, openCount, children }: { gates: readonly Gate[]; openCount: number; children: ReactNode }) {
  const feed = useGates(gates, openCount);
  useArrivalNews(feed);
  return <InboxContext value={feed}>{children}</InboxContext>;
}

/** Says that something new waits, once for all that came together. */
function useArrivalNews({ gates, arrived }: GatesFeed): void {
  const announce = useAnnounce();
  const told = useRef(0);
  useEffect(() => {
    const fresh = arrived.slice(told.current);
    const newest = gates.find((gate) => gate.id === fresh.at(-1));
    if (newest === undefined) return;
    const title = newest.display?.title ?? newest.name;
    announce(fresh.length === 1 ? `New in the inbox: ${title}.` : `${fresh.length} new in the inbox, the last one: ${title}.`, "inbox");
    // Counted as told once it was said: what comes meanwhile is said with it.
    const timer = setTimeout(() => (told.current = arrived.length), 2000);
    return () => clearTimeout(timer);
  }, [arrived, gates, announce]);
}

export function useInbox(): GatesFeed {
  const feed = useContext(InboxContext);
  if (feed === null) throw new Error("The inbox needs an <InboxProvider> above it.");
  return feed;
}

/** The tab's title, with the number of gates that wait for someone. */
export function PageTitle({ children }: { children: string }) {
  const { openCount } = useInbox();
  return <title>{`${openCount > 0 ? `(${openCount}) ` : ""}${children} · Tape`}</title>;
}
