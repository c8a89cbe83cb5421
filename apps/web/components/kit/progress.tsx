import type { RunSummary } from "@tape/core";
import { cx } from "./cx.ts";

/** `37 of 200`, with a bar. The figures keep their width while they count. */
export function Progress({ progress, moving, className }: { progress: NonNullable<RunSummary["progress"]>; moving: boolean; className?: string }) {
  const { done, total, label } = progress;
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const digits = String(total).length;
  return (
    <span className={cx("inline-flex items-center gap-2 whitespace-nowrap", className)}>
      <span
        role="progressbar"
        aria-label={label ?? "Progress"}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        className="h-1 w-16 overflow-hidden rounded-full bg-quiet-soft"
      >
        <span className={cx("block h-full rounded-full transition-[width] duration-300", moving ? "bg-live" : "bg-ink-3")} style={{ width: `${share * 100}%` }} />
      </span>
      <span className="figures text-sm text-ink-2">
        <span className="inline-block text-right" style={{ minWidth: `${digits}ch` }}>
          {done}
        </span>
        <span className="text-ink-3"> of {total}</span>
      </span>
    </span>
  );
}
