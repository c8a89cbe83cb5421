import type { Gate } from "@tape/core";
import { useEffect } from "react";
import { inbox, startInbox, type Inbox, type InboxNews } from "../state/inbox.ts";
import { useTape } from "./provider.tsx";
import { useCoalesced } from "./use-coalesced.ts";

export interface GatesFeed extends Inbox {
  /** Takes closed gates off the list, but for the one that is looked at. */
  tidy(keep?: string): void;
  /** A gate that was asked for by itself (its card was out of date). */
  put(gate: Gate): void;
}

/** The open gates, followed. One feed serves the inbox, the header's count and the tab's title. */
export function useGates(gates: readonly Gate[], openCount?: number): GatesFeed {
  const { live } = useTape();
  const [state, tell] = useCoalesced<Inbox, InboxNews>(inbox, startInbox(gates, openCount));
  useEffect(() => live?.watchInbox(tell), [live, tell]);
  return {
    ...state,
    tidy: (keep) => tell({ type: "tidied", ...(keep !== undefined && { keep }) }),
    put: (gate) => tell({ type: "changed", upserts: [gate], removed: [], openCount: state.openCount }),
  };
}
