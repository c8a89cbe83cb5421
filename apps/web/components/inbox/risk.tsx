import type { Gate } from "@tape/core";
import { cx } from "../kit/cx.ts";

const BARS = { low: 1, medium: 2, high: 3 } as const;

/** How risky it is, in bars and a word. Not a state, so it has no hue. */
export function Risk({ risk }: { risk: NonNullable<Gate["risk"]> }) {
  return (
    <span className={cx("inline-flex items-center gap-1.5 whitespace-nowrap", risk === "high" && "font-medium text-ink")}>
      <span aria-hidden className="flex items-end gap-[2px]">
        {[1, 2, 3].map((bar) => (
          <span key={bar} className={cx("w-[3px] rounded-[1px]", bar <= BARS[risk] ? "bg-current" : "bg-line-strong")} style={{ height: 3 + bar * 2.5 }} />
        ))}
      </span>
      {risk} risk
    </span>
  );
}
