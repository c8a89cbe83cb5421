"use client";

import { useEffect, useRef, type ReactNode } from "react";

/** Tints its cell once, for 600 ms, when `value` changes after it was first drawn. */
export function Changed({ value, children, className }: { value: string | number; children: ReactNode; className?: string }) {
  const element = useRef<HTMLSpanElement>(null);
  const shown = useRef(value);
  useEffect(() => {
    if (shown.current === value) return;
    shown.current = value;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    element.current?.animate([{ backgroundColor: "var(--selected)" }, { backgroundColor: "transparent" }], { duration: 600, easing: "ease-out" });
  }, [value]);
  return (
    <span ref={element} className={className ?? "-mx-1 inline-flex min-w-0 shrink-0 rounded-sm px-1"}>
      {children}
    </span>
  );
}
