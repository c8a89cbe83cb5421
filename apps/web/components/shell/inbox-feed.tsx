"use client";

import type { Gate } from "@tape/core";
import { useGates, type GatesFeed } from "@tape/client/react";
import { createContext, useContext, type ReactNode } from "react";

const InboxContext = createContext<GatesFeed | null>(null);

/** The open gates, followed once for the whole console: the header counts them, the tab's title counts them, the inbox lists them. */
export function InboxProvider({ gates, openCount, children }: { gates: readonly Gate[]; openCount: number; children: ReactNode }) {
  return <InboxContext value={useGates(gates, openCount)}>{children}</InboxContext>;
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
