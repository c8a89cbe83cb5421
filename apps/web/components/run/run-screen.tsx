"use client";

import { grouped, runMachine, type CompensationPlan, type Entry, type Run, type Timer, type TimelineItem } from "@tape/core";
import { useRun } from "@tape/client/react";
import { usePathname } from "next/navigation";
import { useEffect, useMemo, useRef } from "react";
import { useAnnounce } from "../shell/announcer.tsx";
import { PageTitle } from "../shell/inbox-feed.tsx";
import { useRunAddress } from "./address.ts";
import { CancelProgress } from "./cancel-progress.tsx";
import { cancelStory } from "./cancel-story.ts";
import { CompensationPanel } from "./compensation/compensation-panel.tsx";
import { DetailsDrawer } from "./details-drawer.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { ItemDrawer } from "./item-drawer.tsx";
import { RunHeader } from "./run-header.tsx";
import { TimelineList } from "./timeline-list.tsx";
import { TimersPanel } from "./timers/timers-panel.tsx";
import { useRows } from "./use-rows.ts";
import { useTimeline } from "./use-timeline.ts";
import { viewOfPath } from "./view.ts";
import { ViewTabs } from "./view-tabs.tsx";
import { headline } from "./why.ts";

export interface RunScreenProps {
  run: Run;
  entries: readonly Entry[];
  /** What came with the page for the view that its address names. */
  plan: CompensationPlan | null;
  timers: readonly Timer[] | null;
}

/** One run: what it is doing, what one can do, what happened; what compensating would do, and its timers. */
export function RunScreen({ run: first, entries: firstEntries, plan, timers }: RunScreenProps) {
  const { run, entries, seq } = useRun(first, firstEntries);
  const items = useTimeline(entries);
  const isLoading = seq < run.seq && run.seq - seq > 20;
  const { rows, bars } = useRows(items, !isLoading);
  const [address, change] = useRunAddress();
  const view = viewOfPath(usePathname());
  const figures = useMemo(() => figuresOfRun(items), [items]);
  const story = useMemo(() => cancelStory(run, items, entries), [run, items, entries]);
  const selected = address.itemId === null ? undefined : items.find((item) => item.id === address.itemId);
  const awaited = items.findLast((item) => item.kind === "signal" && item.waiting);
  useHeadlineNews(run);
  return (
    <div className="flex h-full min-h-0">
      <PageTitle>{`${run.agent}: ${headline(run)}`}</PageTitle>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <RunHeader
          run={run}
          awaited={awaited === undefined ? "" : signalName(entries, awaited.firstSeq)}
          confirmed={figures.confirmed}
          running={figures.running}
          obligations={figures.obligations}
          view={view}
          detailsOpen={address.details}
          onDetails={() => change({ details: !address.details, itemId: null })}
        />
        {story !== null && <CancelProgress run={run} story={story} isPlanShown={view === "compensation"} />}
        <ViewTabs runId={run.id} view={view} obligations={figures.obligations} timers={figures.timers} />
        {view === "compensation" ? (
          <CompensationPanel run={run} entries={isLoading ? null : entries} loaded={plan} />
        ) : view === "timers" ? (
          <TimersPanel run={run} items={items} loaded={timers} />
        ) : (
          <>
            <FilterBar items={items} filter={address.filter} onChange={change} />
            <TimelineList
              items={items}
              rows={rows}
              bars={bars}
              filter={address.filter}
              selectedId={selected?.id ?? null}
              isLive={!runMachine.ended.includes(run.status)}
              onOpen={(itemId) => change({ itemId, details: false })}
            />
          </>
        )}
        {isLoading && (
          <p role="status" className="late figures shrink-0 border-t px-4 py-1.5 text-sm text-ink-3">
            {grouped(String(seq))} of {grouped(String(run.seq))} entries
          </p>
        )}
      </div>
      {selected !== undefined && view === "timeline" ? (
        <ItemDrawer item={selected} entries={entries} onClose={() => change({ itemId: null })} />
      ) : address.details ? (
        <DetailsDrawer run={run} onClose={() => change({ details: false })} />
      ) : null}
    </div>
  );
}

/** Says what the run does when that changes, not each step of it. */
function useHeadlineNews(run: Run): void {
  const announce = useAnnounce();
  const told = useRef(run.status);
  useEffect(() => {
    if (told.current === run.status) return;
    told.current = run.status;
    announce(`${run.agent}: ${headline(run)}.`, "run");
  }, [run, announce]);
}

interface Figures {
  confirmed: number;
  running: readonly string[];
  obligations: number;
  timers: number;
}

/** What the header and the tabs count, in one pass. */
function figuresOfRun(items: readonly TimelineItem[]): Figures {
  let confirmed = 0;
  let timers = 0;
  let ownTimers = 0;
  let obligations = 0;
  const running: string[] = [];
  for (const item of items) {
    if (item.kind === "timer") timers += 1;
    if (item.kind === "timer" && !item.secondary) ownTimers += 1;
    if (item.kind !== "effect") continue;
    obligations += item.inverses;
    if (item.endedAt === null && !item.waiting) running.push(item.sentence);
    else if (item.status === "confirmed") confirmed += 1;
  }
  // Deadlines of gates and signals alone are told by these.
  return { confirmed, running, obligations, timers: ownTimers === 0 ? 0 : timers };
}

function signalName(entries: readonly Entry[], seq: number): string {
  const entry = entries[seq - 1];
  return entry?.kind === "signal" && entry.verb === "awaited" ? entry.payload.name : "";
}
