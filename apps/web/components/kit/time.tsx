"use client";

import { formatDuration, formatInstant, relativeTime } from "@tape/core";
import { useSaid } from "../shell/clock/clock.tsx";
import { cx } from "./cx.ts";

/** `3 m ago`, moving with the clock; the exact UTC on hover. */
export function Ago({ at, className }: { at: string; className?: string }) {
  const words = useSaid((now) => relativeTime(at, now));
  return (
    <time dateTime={at} className={className}>
      {words}
    </time>
  );
}

/** How long something has lasted: `3 m 20 s`. */
export function Since({ at, className }: { at: string; className?: string }) {
  const words = useSaid((now) => formatDuration(Math.max(0, Math.floor((now - Date.parse(at)) / 1000) * 1000)));
  return (
    <time dateTime={at} className={className}>
      {words}
    </time>
  );
}

/** How long is left: `4 m 10 s left`, then `expired`. In amber under five minutes. */
export function Countdown({ until, className }: { until: string; className?: string }) {
  const words = useSaid((now) => {
    const leftMs = Date.parse(until) - now;
    return leftMs <= 0 ? "expired" : `${formatDuration(Math.ceil(leftMs / 1000) * 1000)} left`;
  });
  const urgent = useSaid((now) => (Date.parse(until) - now < 300_000 ? "urgent" : ""));
  return (
    <time dateTime={until} className={cx(urgent && "text-person", className)}>
      {words}
    </time>
  );
}

/** When something is tried again: `next try in 12 s`, then `trying again`. */
export function NextTry({ at, className }: { at: string; className?: string }) {
  const words = useSaid((now) => (Date.parse(at) <= now ? "trying again" : `next try in ${formatDuration(Math.ceil((Date.parse(at) - now) / 1000) * 1000)}`));
  return (
    <time dateTime={at} className={className}>
      {words}
    </time>
  );
}

/** A moment in full: `24 Nov 2026, 10:42:13 UTC`. */
export function Exact({ at, className }: { at: string; className?: string }) {
  return (
    <time dateTime={at} className={className}>
      {formatInstant(at)}
    </time>
  );
}
