import type { RunSummary } from "@tape/core";
import { cx } from "./cx.ts";
import { progressWords } from "./progress-words.ts";
import { visible } from "./visible.ts";

export interface ProgressProps {
  progress: NonNullable<RunSummary["progress"]>;
  /** Somebody is at it: the bar is live, and without a total it moves. */
  moving: boolean;
  /** A row has no room for more than the figures. */
  slim?: boolean;
  tone?: "live" | "undone";
  className?: string;
}

const FILL = { live: "bg-live", undone: "bg-undone" };

/** A bar with `412 of 1,000`. The figures keep their width while they count; the last value stays when it is over. */
export function Progress({ progress, moving, slim = false, tone = "live", className }: ProgressProps) {
  const { done, sentence, share, total } = progressWords(progress);
  const label = progress.label === undefined ? "" : visible(progress.label.trim());
  const fill = moving || tone === "undone" ? FILL[tone] : "bg-ink-3";
  return (
    <span className={cx("inline-flex min-w-0 items-center gap-2 whitespace-nowrap", className)}>
      <span
        role="progressbar"
        aria-label={label === "" ? "Progress" : label}
        aria-valuemin={0}
        aria-valuemax={share === null ? undefined : progress.total}
        aria-valuenow={share === null ? undefined : Math.min(progress.total, Math.max(0, progress.done))}
        aria-valuetext={sentence}
        className={cx("shrink-0 overflow-hidden rounded-full bg-quiet-soft", slim ? "h-1 w-12" : "h-1.5 w-32 max-sm:w-24")}
      >
        {share === null ? (
          <span className={cx("block h-full rounded-full", moving && "w-2/5", fill, moving ? "sliding" : "w-full opacity-40")} />
        ) : (
          <span className={cx("block h-full rounded-full transition-[width] duration-300", fill)} style={{ width: `${share * 100}%` }} />
        )}
      </span>
      <span aria-hidden className="figures flex min-w-0 text-sm text-ink-2">
        <span className="inline-block shrink-0 text-right" style={{ minWidth: `${(total ?? done).length}ch` }}>
          {done}
        </span>
        {total !== null && <span className="shrink-0 whitespace-pre text-ink-3"> of {total}</span>}
        {!slim && label !== "" && <span className="truncate whitespace-pre text-ink-3"> {label}</span>}
        {!slim && total === null && <span className="shrink-0 whitespace-pre text-ink-3"> so far</span>}
      </span>
    </span>
  );
}
