"use client";

import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { press, type Prefix, type Shortcut } from "./press.ts";

interface Shortcuts {
  enabled: boolean;
  setEnabled(enabled: boolean): void;
  /** Every shortcut that works on the screen now. */
  all(): readonly Shortcut[];
  add(shortcuts: readonly Shortcut[]): () => void;
}

const ShortcutsContext = createContext<Shortcuts | null>(null);
const STORED = "tape-shortcuts";

export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const [enabled, setOn] = useState(true);
  const sets = useRef(new Set<readonly Shortcut[]>());
  const all = useCallback(() => [...sets.current].reverse().flat(), []);

  useEffect(() => setOn(localStorage.getItem(STORED) !== "off"), []);

  useEffect(() => {
    if (!enabled) return;
    let prefix: Prefix | null = null;
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented) return;
      const result = press(prefix, { key: event.key, atMs: event.timeStamp, repeat: event.repeat, elsewhere: isElsewhere(event) }, all());
      prefix = result.prefix;
      if (result.hit === null) return;
      event.preventDefault();
      result.hit.run();
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [enabled, all]);

  const value = useMemo<Shortcuts>(
    () => ({
      enabled,
      setEnabled(next) {
        localStorage.setItem(STORED, next ? "on" : "off");
        setOn(next);
      },
      all,
      add(shortcuts) {
        sets.current.add(shortcuts);
        return () => sets.current.delete(shortcuts);
      },
    }),
    [enabled, all],
  );
  return <ShortcutsContext value={value}>{children}</ShortcutsContext>;
}

export function useShortcutsSetting(): Shortcuts {
  const value = useContext(ShortcutsContext);
  if (value === null) throw new Error("Shortcuts need a <ShortcutsProvider> above them.");
  return value;
}

/** Makes these shortcuts work while the component is on the screen. Later ones win over earlier ones. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const { add } = useShortcutsSetting();
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  const names = shortcuts.map((one) => `${one.keys}\n${one.label}\n${one.group}\n${one.repeats ?? false}`).join("\n\n");
  useEffect(() => {
    const stable = latest.current.map((one, index) => ({ ...one, run: () => latest.current[index]?.run() }));
    return add(stable);
  }, [add, names]);
}

function isElsewhere(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target === null) return false;
  if (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio], [type=button]), textarea, select")) return true;
  if (target.closest("[role=dialog], [role=alertdialog], [role=menu], [role=listbox]") !== null) return true;
  // Enter and Space belong to the button or link that has the focus.
  return (event.key === "Enter" || event.key === " ") && target.matches("a[href], button, [role=button], summary");
}
