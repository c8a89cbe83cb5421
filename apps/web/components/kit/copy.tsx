"use client";

import { Check, Copy as CopyIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { cx } from "./cx.ts";
import { IconButton } from "./button.tsx";

/** Copies `text` and says so for a moment. */
export function CopyButton({ text, label = "Copy", className }: { text: string | (() => string); label?: string; className?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    setCopied(true);
  }
  return (
    <IconButton label={copied ? "Copied" : label} onPress={() => void copy()} className={cx("size-6 pointer-coarse:size-9", className)}>
      {copied ? <Check size={13} aria-hidden /> : <CopyIcon size={13} aria-hidden />}
    </IconButton>
  );
}

/** An id: its beginning and its end, the whole of it on hover and in the clipboard. */
export function Id({ id, whole = false }: { id: string; whole?: boolean }) {
  return (
    <span title={whole ? undefined : id} className="font-mono text-sm">
      {whole ? id : shortId(id)}
    </span>
  );
}

/** The kind and the last characters, which are the random ones: `run_…7Q2K8F`. */
export function shortId(id: string): string {
  const at = id.indexOf("_");
  return id.length <= at + 9 ? id : `${id.slice(0, at + 1)}…${id.slice(-6)}`;
}
