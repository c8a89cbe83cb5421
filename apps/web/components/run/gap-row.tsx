import type { Gap } from "@tape/core";
import { Since } from "../kit/time.tsx";

/** Time in which nothing happened, not drawn to scale. */
export function GapRow({ gap }: { gap: Gap }) {
  return (
    <div className="flex items-center gap-3 px-4 py-1.5 text-sm text-ink-3">
      <span aria-hidden className="h-px flex-1 border-t border-dashed border-line-strong" />
      <span className="max-w-[80%] truncate">
        {gap.isOpen ? (
          <>
            waiting <Since at={new Date(gap.fromMs).toISOString()} /> {gap.why}
          </>
        ) : (
          gap.label
        )}
      </span>
      <span aria-hidden className="h-px flex-1 border-t border-dashed border-line-strong" />
    </div>
  );
}
