"use client";

import { useConnection } from "@tape/client/react";
import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from "react";

/** One clock for every time on the screen. It ticks once a second and goes by the server's time, not this machine's. */
class Clock {
  #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #skewMs = 0;
  #nowMs: number;

  /** `firstMs`: when the page was made. What the server drew and the browser draws first go by it. */
  constructor(readonly firstMs: number) {
    this.#nowMs = firstMs;
  }

  now = (): number => this.#nowMs;

  /** What to add to this machine's clock. */
  correct(skewMs: number): void {
    this.#skewMs = skewMs;
    this.#tick();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  start(): () => void {
    const next = () => {
      this.#tick();
      this.#timer = setTimeout(next, 1000 - (this.#nowMs % 1000) + 5);
    };
    next();
    return () => clearTimeout(this.#timer);
  }

  #tick(): void {
    this.#nowMs = Date.now() + this.#skewMs;
    for (const listener of this.#listeners) listener();
  }
}

const ClockContext = createContext<Clock | null>(null);

/** `serverTime` is the time the page was made at; server and browser draw the same first frame from it. */
export function ClockProvider({ serverTime, children }: { serverTime: string; children: ReactNode }) {
  const [clock] = useState(() => new Clock(Date.parse(serverTime)));
  const { skewMs, asOfMs } = useConnection();
  const known = asOfMs !== null;
  const first = useRef(Date.parse(serverTime));
  useEffect(() => {
    clock.correct(known ? skewMs : nearZero(first.current - Date.now()));
    return clock.start();
  }, [clock, known, skewMs]);
  return <ClockContext value={clock}>{children}</ClockContext>;
}

/** What `say` makes of the time, again each second; draws anew only when the words change. */
export function useSaid(say: (nowMs: number) => string): string {
  const clock = useContext(ClockContext);
  if (clock === null) throw new Error("A time needs a <ClockProvider> above it.");
  return useSyncExternalStore(
    clock.subscribe,
    () => say(clock.now()),
    () => say(clock.firstMs),
  );
}

/** The time by the server's clock, without drawing anew when it ticks. `firstMs` is that of the page: what is drawn first goes by it. */
export function useNow(): Pick<Clock, "now" | "firstMs"> {
  const clock = useContext(ClockContext);
  if (clock === null) throw new Error("A time needs a <ClockProvider> above it.");
  return clock;
}

/** A page that was under way for two seconds does not mean a clock that is two seconds off. */
function nearZero(skewMs: number): number {
  return Math.abs(skewMs) < 10_000 ? 0 : skewMs;
}
