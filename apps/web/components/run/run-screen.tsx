"use client";

import { grouped, runMachine, type Entry, type Run } from "@tape/core";
import { useRun } from "@tape/client/react";
import { useEffect, useRef } from "react";
import { useAnnounce } from "../shell/announcer.tsx";
import { PageTitle } from "../shell/inbox-feed.tsx";
import { useRunAddress } from "./address.ts";
import { DetailsDrawer } from "./details-drawer.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { ItemDrawer } from "./item-drawer.tsx";
import { RunHeader } from "./run-header.tsx";
import { TimelineList } from "./timeline-list.tsx";
import { useRows } from "./use-rows.ts";
import { useTimeline } from "./use-timeline.ts";
import { headline } from "./why.ts";

/** One run: what it is doing, what one can do, what happened. */
export function RunScreen({ run: first, entries: firstEntries }: { run: Run; entries: readonly Entry[] }) {
  const { run, entries, seq } = useRun(first, firstEntries);
  const items = useTimeline(entries);
  const isLoading = seq < run.seq && run.seq - seq > 20;
  const { rows, bars } = useRows(items, !isLoading);
  const [address, change] = useRunAddress();
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
          detailsOpen={address.details}
          onDetails={() => change({ details: !address.details, itemId: null })}
        />
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
        {isLoading && (
          <p role="status" className="late figures shrink-0 border-t px-4 py-1.5 text-sm text-ink-3">
            {grouped(String(seq))} of {grouped(String(run.seq))} entries
          </p>
        )}
      </div>
      {selected !== undefined ? (
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

function signalName(entries: readonly Entry[], seq: number): string {
  const entry = entries[seq - 1];
  return entry?.kind === "signal" && entry.verb === "awaited" ? entry.payload.name : "";
}
