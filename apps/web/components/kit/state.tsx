import type { StateWords, Tone } from "@tape/core";
import { cx } from "./cx.ts";
import { Icon } from "./icon.tsx";

const INK: Record<Tone, string> = {
  quiet: "text-ink-2",
  live: "text-live",
  person: "text-person",
  operator: "text-operator",
  undone: "text-undone",
};

const SOFT: Record<Tone, string> = {
  quiet: "bg-quiet-soft",
  live: "bg-live-soft",
  person: "bg-person-soft",
  operator: "bg-operator-soft",
  undone: "bg-undone-soft",
};

export const toneInk = (tone: Tone): string => INK[tone];
export const toneSoft = (tone: Tone): string => SOFT[tone];

/** A state as it looks everywhere: its hue, always with its icon and its word. */
export function State({ words, soft = false, className }: { words: StateWords; soft?: boolean; className?: string }) {
  return (
    <span
      className={cx(
        "inline-flex min-w-0 items-center gap-1.5 whitespace-nowrap",
        INK[words.tone],
        soft && cx("rounded-full py-0.5 pr-2.5 pl-2 text-sm font-medium", SOFT[words.tone]),
        className,
      )}
    >
      <Icon name={words.icon} className={cx("shrink-0", words.icon === "loader" && "turning")} />
      <span className={cx("truncate", words.struck && "line-through decoration-1")}>{words.word}</span>
    </span>
  );
}
