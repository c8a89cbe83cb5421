"use client";

import { formatInstant } from "@tape/core";
import { useEffect, useRef } from "react";

/** Resting over a time for this long (ms) tells it exactly. */
const AFTER_MS = 200;

/** One tooltip for every `<time>` on the screen: the exact UTC of what is said in relative words. */
export function ExactTip() {
  const tip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;

    function show(x: number, y: number): void {
      const time = timeAt(x, y);
      const at = time?.getAttribute("datetime");
      if (tip.current === null || time === undefined || at == null) return;
      const exact = formatInstant(at);
      if (time.textContent === exact) return;
      tip.current.textContent = exact;
      tip.current.hidden = false;
      place(tip.current, time.getBoundingClientRect());
    }

    function hide(): void {
      clearTimeout(timer);
      if (tip.current !== null) tip.current.hidden = true;
    }

    function onMove({ clientX, clientY, pointerType }: PointerEvent): void {
      hide();
      if (pointerType !== "touch") timer = setTimeout(() => show(clientX, clientY), AFTER_MS);
    }

    document.addEventListener("pointermove", onMove, { passive: true });
    document.addEventListener("pointerdown", hide);
    document.addEventListener("scroll", hide, true);
    document.addEventListener("keydown", hide);
    return () => {
      hide();
      document.removeEventListener("pointermove", onMove);
      document.removeEventListener("pointerdown", hide);
      document.removeEventListener("scroll", hide, true);
      document.removeEventListener("keydown", hide);
    };
  }, []);
  return (
    <div
      ref={tip}
      hidden
      role="presentation"
      className="figures pointer-events-none fixed z-[60] rounded-md bg-ink px-2 py-1 text-sm whitespace-nowrap text-canvas shadow-pop"
    />
  );
}

/** The time under the pointer, also where a row's link lies over it. */
function timeAt(x: number, y: number): Element | undefined {
  return document.elementsFromPoint(x, y).find((element) => element.matches("time[datetime]"));
}

function place(tip: HTMLElement, around: DOMRect): void {
  const { width, height } = tip.getBoundingClientRect();
  const above = around.top - height - 6;
  tip.style.left = `${Math.min(Math.max(8, around.left + around.width / 2 - width / 2), window.innerWidth - width - 8)}px`;
  tip.style.top = `${above < 8 ? around.bottom + 6 : above}px`;
}
