"use client";

import { useMemo, useState } from "react";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy.tsx";
import { cx } from "./cx.ts";
import { visible } from "./visible.ts";

/** A megabyte of JSON is drawn up to here (characters) until one asks for the rest. */
const SHOWN = 20_000;

/** Any JSON as text, with a way to copy it. Foreign markup in it stays text. */
export function Json({ value, label = "JSON", className }: { value: unknown; label?: string; className?: string }) {
  const text = useMemo(() => JSON.stringify(value, null, 2) ?? "undefined", [value]);
  const legible = useMemo(() => visible(text), [text]);
  const [whole, setWhole] = useState(false);
  const shown = whole ? legible : legible.slice(0, SHOWN);
  return (
    <div className={cx("group/json relative min-w-0 rounded-md border bg-sunken", className)}>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long text has to be scrolled by keyboard too */}
      <pre tabIndex={0} aria-label={label} className="max-h-96 overflow-auto p-3 pr-10 font-mono text-xs leading-[18px] break-words whitespace-pre-wrap">
        {shown.length <= SHOWN ? tokens(shown) : shown}
      </pre>
      <CopyButton text={text} label={`Copy ${label}`} className="absolute top-1.5 right-1.5 bg-sunken" />
      {shown.length < legible.length && (
        <div className="border-t p-1.5">
          <Button size="small" look="ghost" onPress={() => setWhole(true)}>
            Show all {Math.ceil(text.length / 1024).toLocaleString("en-US")} KiB
          </Button>
        </div>
      )}
    </div>
  );
}

const KEY = /^(\s*)("(?:[^"\\]|\\.)*")(:)(.*)$/;

/** Keys step back, values come forward. */
function tokens(text: string) {
  return text.split("\n").map((line, at) => {
    const match = KEY.exec(line);
    const end = "\n";
    if (match === null) return <span key={at}>{line + end}</span>;
    const [, indent, key, colon, rest] = match;
    return (
      <span key={at}>
        {indent}
        <span className="text-ink-3">
          {key}
          {colon}
        </span>
        {rest + end}
      </span>
    );
  });
}
