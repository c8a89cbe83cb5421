import { formatDuration, type TimelineItem } from "@tape/core";
import { memo } from "react";
import { cx } from "../kit/cx.ts";
import { Icon } from "../kit/icon.tsx";
import { toneInk } from "../kit/state.tsx";
import { Since } from "../kit/time.tsx";
import { visible } from "../kit/visible.ts";
import type { Bar } from "./rows.ts";

export interface TimelineRowProps {
  item: TimelineItem;
  bar: Bar | undefined;
  isSelected: boolean;
  onOpen: (itemId: string) => void;
}

const BAR: Record<TimelineItem["tone"], string> = { quiet: "bg-ink-3", live: "bg-live", person: "bg-person", operator: "bg-operator", undone: "bg-undone" };

/** One thing that happened, as a sentence with its figure. */
export const TimelineRow = memo(function TimelineRow({ item, bar, isSelected, onOpen }: TimelineRowProps) {
  // What people did to a gate (votes, more time) is what one reads its row for.
  const loud = item.notes.filter((note) => note.tone !== "quiet" || item.kind === "gate");
  return (
    <button
      type="button"
      aria-current={isSelected ? "true" : undefined}
      onClick={() => onOpen(item.id)}
      className={cx(
        "grid w-full grid-cols-[auto_minmax(0,1fr)_auto] items-start gap-x-3 px-4 py-1.5 text-left sm:grid-cols-[4rem_auto_minmax(0,1fr)_auto] xl:grid-cols-[4rem_auto_minmax(0,1fr)_13rem_5.5rem]",
        "focus-visible:-outline-offset-2",
        isSelected ? "bg-selected" : "hover:bg-hover",
      )}
    >
      <time dateTime={item.startedAt} className="text-sm leading-5 text-ink-3 max-sm:sr-only">
        {item.startedAt.slice(11, 19)}
      </time>
      <span className={cx("flex h-5 items-center", toneInk(item.tone))}>
        <Icon name={item.icon} className={item.icon === "loader" && item.endedAt === null ? "turning" : ""} />
        <span className="sr-only">{item.status}: </span>
      </span>
      <span className="min-w-0">
        <span className={cx("block break-words sm:truncate", item.secondary && "text-ink-2", item.struck && "text-ink-3 line-through decoration-1", item.tone === "operator" && "text-operator", item.tone === "person" && "text-person")}>
          {item.sentence}
          {item.times > 1 && item.kind !== "timer" && <span className="figures ml-1.5 rounded-sm bg-quiet-soft px-1 text-xs text-ink-2">{item.times}×</span>}
        </span>
        {item.chain.length > 0 && <Chain item={item} />}
        {loud.map((note) => (
          <span key={`${note.seq} ${note.sentence}`} className={cx("block text-sm break-words", toneInk(note.tone))}>
            {note.sentence}
          </span>
        ))}
      </span>
      <span aria-hidden className="relative h-5 max-xl:hidden">
        {bar !== undefined && (
          <span
            className={cx("absolute top-2 h-1 min-w-[3px] rounded-full", item.secondary ? "bg-line-strong" : BAR[item.tone])}
            style={{ left: `${Math.min(bar.left, 0.985) * 100}%`, width: `${bar.width * 100}%` }}
          />
        )}
      </span>
      <span className="figures text-right text-sm leading-5 whitespace-nowrap text-ink-3">
        {item.endedAt === null ? <Since at={item.startedAt} className={toneInk(item.tone)} /> : item.durationMs !== null ? formatDuration(item.durationMs) : ""}
      </span>
    </button>
  );
});

/** Who was asked before, and when that expired: `cfo-approval expired 10:42 → backup-approval, open`. */
function Chain({ item }: { item: TimelineItem }) {
  return (
    <span className="block text-sm break-words text-ink-2">
      {item.chain.map(({ at, itemId, name }) => (
        <span key={itemId}>
          {visible(name)} expired <time dateTime={at}>{at.slice(11, 16)}</time> <span aria-label="then">→</span>{" "}
        </span>
      ))}
      {item.name !== null && visible(item.name)}, {item.endedAt === null ? "waiting" : item.status}
    </span>
  );
}
