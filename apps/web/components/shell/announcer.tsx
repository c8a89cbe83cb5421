"use client";

import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";

/** News of this long is said in one sentence (ms). */
const TOGETHER_MS = 1500;

const AnnounceContext = createContext<(sentence: string, kind?: string) => void>(() => undefined);

/** Says things to screen readers: politely, and only the latest of a kind when several come at once. */
export function Announcer({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState("");
  const waiting = useRef(new Map<string, string>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const announce = useMemo(
    () => (sentence: string, kind = sentence) => {
      waiting.current.set(kind, sentence);
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        setSaid([...waiting.current.values()].join(" "));
        waiting.current.clear();
      }, TOGETHER_MS);
    },
    [],
  );
  return (
    <AnnounceContext value={announce}>
      {children}
      <div aria-live="polite" className="sr-only">
        {said}
      </div>
    </AnnounceContext>
  );
}

export function useAnnounce(): (sentence: string, kind?: string) => void {
  return useContext(AnnounceContext);
}
