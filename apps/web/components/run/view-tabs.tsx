import { grouped } from "@tape/core";
import { cx } from "../kit/cx.ts";
import { hrefOfView, type RunView } from "./view.ts";
import { ViewLink } from "./view-link.tsx";

export interface ViewTabsProps {
  runId: string;
  view: RunView;
  /** Effects that have an inverse, and timers: a view with nothing in it is not offered. */
  obligations: number;
  timers: number;
}

/** The views of a run. A run that has only a timeline has no tabs. */
export function ViewTabs({ runId, view, obligations, timers }: ViewTabsProps) {
  const tabs: { view: RunView; name: string; count: number | null }[] = [
    { view: "timeline", name: "Timeline", count: null },
    ...(obligations > 0 || view === "compensation" ? [{ view: "compensation" as const, name: "Compensation", count: obligations }] : []),
    ...(timers > 0 || view === "timers" ? [{ view: "timers" as const, name: "Timers", count: timers }] : []),
  ];
  if (tabs.length === 1) return null;
  return (
    <nav aria-label="Views of the run" className="flex h-9 shrink-0 items-stretch gap-4 border-b px-4 pointer-coarse:h-11">
      {tabs.map((tab) => (
        <ViewLink
          key={tab.view}
          href={hrefOfView(runId, tab.view)}
          isHere={tab.view === view}
          className={cx("relative flex items-center gap-1.5", tab.view === view ? "font-medium after:absolute after:inset-x-0 after:-bottom-px after:h-0.5 after:rounded-full after:bg-ink" : "text-ink-2 hover:text-ink")}
        >
          {tab.name}
          {tab.count !== null && tab.count > 0 && <span className="figures font-normal text-ink-3">{grouped(String(tab.count))}</span>}
        </ViewLink>
      ))}
    </nav>
  );
}
