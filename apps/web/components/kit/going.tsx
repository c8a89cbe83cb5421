"use client";

import { useLinkStatus } from "next/link";

/**
 * Inside a link: a dot while its screen is on the way, seen only when that takes longer than 200 ms. The old screen stays
 * until the new one is whole, so nothing flickers for an answer that comes at once.
 */
export function Going({ className }: { className?: string }) {
  const { pending } = useLinkStatus();
  return pending ? (
    <span role="status" className={`late inline-block size-1.5 shrink-0 self-center rounded-full bg-ink-3 ${className ?? ""}`}>
      <span className="sr-only">Loading</span>
    </span>
  ) : null;
}
