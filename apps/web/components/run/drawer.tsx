"use client";

import { X } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { IconButton } from "../kit/button.tsx";
import { useShortcuts } from "../shell/shortcuts/provider.tsx";

export interface DrawerProps {
  label: string;
  onClose: () => void;
  children: ReactNode;
  /** Changes with what is shown: the drawer then begins at its top again. */
  showing: string;
}

/** What is beside the timeline: a column on a wide screen, all of it on a narrow one. Esc closes. */
export function Drawer({ label, onClose, children, showing }: DrawerProps) {
  const body = useRef<HTMLDivElement>(null);
  const close = useRef<HTMLDivElement>(null);
  const opener = useRef<Element | null>(null);
  useShortcuts([{ keys: "Escape", label: "Close what is beside", group: "Run", run: onClose }]);

  useEffect(() => void body.current?.scrollTo({ top: 0 }), [showing]);
  useEffect(() => {
    opener.current = document.activeElement;
    return () => {
      if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus({ preventScroll: true });
    };
  }, []);

  return (
    <aside
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
      className="slides-in flex min-h-0 flex-col border-l bg-canvas max-lg:fixed max-lg:inset-0 max-lg:z-40 max-lg:border-l-0 lg:w-[30rem] xl:w-[34rem]"
    >
      <div ref={close} className="flex h-11 shrink-0 items-center justify-between gap-2 border-b pr-2 pl-5">
        <h2 className="truncate text-sm font-medium text-ink-2">{label}</h2>
        <IconButton label="Close (Esc)" onPress={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <div ref={body} tabIndex={-1} className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-5 outline-none">
        {children}
      </div>
    </aside>
  );
}
