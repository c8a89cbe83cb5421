"use client";

import { useConnection } from "@tape/client/react";
import { CircleDashed, LogOut, Radio } from "lucide-react";
import { useEffect } from "react";
import { useAnnounce } from "./announcer.tsx";

/** Whether the screen is told of changes as they happen; if not, as of when it is right. */
export function LiveIndicator() {
  const { state, asOfMs } = useConnection();
  const announce = useAnnounce();
  const away = state === "reconnecting";
  useEffect(() => {
    if (away) announce("Connection lost. Reconnecting.", "connection");
    return () => {
      if (away) announce("Live again.", "connection");
    };
  }, [away, announce]);

  if (state === "live") {
    return (
      <span className="flex items-center gap-1.5 text-sm text-live" data-testid="live">
        <Radio size={14} aria-hidden /> live
      </span>
    );
  }
  if (state === "signed_out") {
    return (
      <span className="flex items-center gap-1.5 text-sm text-ink" data-testid="live">
        <LogOut size={14} aria-hidden /> signed out
      </span>
    );
  }
  return (
    <span className="flex items-center gap-1.5 text-sm whitespace-nowrap text-ink" data-testid="live">
      <CircleDashed size={14} aria-hidden className="turning" />
      {away ? (
        <>
          <span className="max-sm:sr-only">reconnecting, </span>
          {asOfMs !== null && <span>as of {new Date(asOfMs).toISOString().slice(11, 19)}</span>}
        </>
      ) : (
        <span className="text-ink-3">connecting</span>
      )}
    </span>
  );
}
