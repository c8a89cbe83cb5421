"use client";

import { Search as SearchIcon, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button as AriaButton, Input, SearchField } from "react-aria-components";
import { Kbd } from "../kit/kbd.tsx";
import { useShortcuts } from "../shell/shortcuts/provider.tsx";

/** Typing asks after this pause (ms); Enter asks at once. */
const PAUSE_MS = 250;

export function RunSearch({ value, onSearch }: { value: string; onSearch: (q: string) => void }) {
  const [text, setText] = useState(value);
  const asked = useRef(value);
  const input = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: "/", label: "Search", group: "Runs", run: () => input.current?.focus() }]);

  useEffect(() => {
    if (value === asked.current) return;
    asked.current = value;
    setText(value);
  }, [value]);

  function ask(next: string): void {
    if (next === asked.current) return;
    asked.current = next;
    onSearch(next);
  }

  useEffect(() => {
    const timer = setTimeout(() => ask(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  });

  return (
    <SearchField aria-label="Search by id, invocation or label" value={text} onChange={setText} onSubmit={() => ask(text.trim())} onClear={() => ask("")} className="group relative w-full sm:w-64">
      <SearchIcon size={14} aria-hidden className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-3" />
      <Input
        ref={input}
        placeholder="Search id, invocation, label"
        className="h-7 w-full rounded-md border border-line-strong bg-canvas pr-8 pl-8 transition-colors hover:border-ink-3 focus:border-ink focus-visible:outline-none pointer-coarse:h-10 [&::-webkit-search-cancel-button]:hidden"
      />
      <span className="pointer-events-none absolute top-1/2 right-2 -translate-y-1/2 group-focus-within:hidden group-not-data-empty:hidden max-sm:hidden">
        <Kbd>/</Kbd>
      </span>
      <AriaButton aria-label="Clear the search" className="absolute top-1/2 right-2 -translate-y-1/2 rounded-sm text-ink-3 group-data-empty:hidden hover:text-ink">
        <X size={14} aria-hidden />
      </AriaButton>
    </SearchField>
  );
}
