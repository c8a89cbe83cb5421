"use client";

import type { RunsAsk, RunPage } from "@tape/client";
import { useRuns } from "@tape/client/react";
import { ChevronLeft, ChevronRight, CirclePlay, RefreshCw, SearchX } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useTransition } from "react";
import { Button } from "../kit/button.tsx";
import { cx } from "../kit/cx.ts";
import { Empty } from "../kit/notice.tsx";
import { useAnnounce } from "../shell/announcer.tsx";
import { useShortcuts } from "../shell/shortcuts/provider.tsx";
import { RUN_COLUMNS, RunRow } from "./run-row.tsx";

export interface RunListProps {
  ask: RunsAsk;
  page: RunPage;
  isFiltered: boolean;
  newest: string;
  older: string | null;
}

/** One page of runs, kept up to date in place. What came and what went is counted, and shown when one asks. */
export function RunList({ ask, page, isFiltered, newest, older }: RunListProps) {
  const { rows, gone, arrived } = useRuns(ask, page);
  const router = useRouter();
  const [pending, refreshing] = useTransition();
  const list = useRef<HTMLDivElement>(null);
  const announce = useAnnounce();
  const news = newsOf(arrived.size, gone.size);

  useEffect(() => {
    if (news !== null) announce(`Runs: ${news}.`, "runs");
  }, [news, announce]);

  function refresh(): void {
    refreshing(() => (page.isFirst ? router.refresh() : router.push(newest)));
  }

  function move(by: number): void {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    links[Math.min(links.length - 1, Math.max(0, at === -1 ? 0 : at + by))]?.focus();
  }

  useShortcuts([
    { keys: "j", label: "Next run", group: "Runs", repeats: true, run: () => move(1) },
    { keys: "k", label: "Previous run", group: "Runs", repeats: true, run: () => move(-1) },
    { keys: "r", label: "Refresh the list", group: "Runs", run: refresh },
  ]);

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div ref={list} role="table" aria-label="Runs" aria-busy={pending}>
          <div
            role="row"
            className={cx("sticky top-0 z-10 grid h-8 items-center gap-x-4 border-b bg-canvas px-4 text-sm text-ink-3 max-sm:sr-only", RUN_COLUMNS)}
          >
            <span role="columnheader">Status</span>
            <span role="columnheader">Run</span>
            <span role="columnheader">What it does</span>
            <span role="columnheader" className="max-lg:hidden">
              <span className="sr-only">Labels</span>
            </span>
            <span role="columnheader" className="text-right">
              Age
            </span>
          </div>
          {rows.map((run) => (
            <RunRow key={run.id} run={run} gone={gone.has(run.id)} />
          ))}
        </div>
        {rows.length === 0 && <NoRuns isFiltered={isFiltered} arrived={arrived.size} onRefresh={refresh} />}
      </div>
      <div className="flex h-10 shrink-0 items-center gap-2 border-t px-4 text-sm text-ink-3 pointer-coarse:h-12">
        <span className="max-sm:hidden">{rows.length === 0 ? "" : page.isFirst ? "Newest first" : "Older runs"}</span>
        {news !== null && (
          <Button size="small" look="outline" icon={<RefreshCw size={12} aria-hidden className={pending ? "turning" : ""} />} onPress={refresh}>
            {news}
          </Button>
        )}
        <span className="ml-auto flex items-center gap-1">
          {!page.isFirst && (
            <Link href={newest} className="flex items-center gap-1 rounded-md px-2 py-1 text-ink-2 hover:bg-hover hover:text-ink">
              <ChevronLeft size={13} aria-hidden /> Newest
            </Link>
          )}
          {older !== null && (
            <Link href={older} className="flex items-center gap-1 rounded-md px-2 py-1 text-ink-2 hover:bg-hover hover:text-ink">
              Older <ChevronRight size={13} aria-hidden />
            </Link>
          )}
        </span>
      </div>
    </div>
  );
}

/** `3 new · 2 no longer match`; null when nothing came or went. */
function newsOf(arrived: number, gone: number): string | null {
  const words = [arrived > 0 && `${arrived} new`, gone > 0 && `${gone} no longer ${gone === 1 ? "matches" : "match"}`].filter(Boolean);
  return words.length === 0 ? null : words.join(" · ");
}

function NoRuns({ isFiltered, arrived, onRefresh }: { isFiltered: boolean; arrived: number; onRefresh: () => void }) {
  if (arrived > 0) {
    return (
      <Empty title={arrived === 1 ? "A run has started" : `${arrived} runs have started`} icon={<CirclePlay size={22} aria-hidden />}>
        <div className="mt-2 flex justify-center">
          <Button look="primary" onPress={onRefresh}>
            Show {arrived === 1 ? "it" : "them"}
          </Button>
        </div>
      </Empty>
    );
  }
  if (isFiltered) {
    return (
      <Empty title="No run matches" icon={<SearchX size={22} aria-hidden />}>
        <p>
          Take a filter away, or{" "}
          <Link href="/runs" className="text-ink underline underline-offset-2">
            see all runs
          </Link>
          .
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No runs yet" icon={<CirclePlay size={22} aria-hidden />}>
      <p>
        <Link href="/start" className="text-ink underline underline-offset-2">
          Start one from here
        </Link>
        , or from code with <code className="font-mono text-sm">tape.start(agent, input)</code>. It appears by itself.
      </p>
    </Empty>
  );
}
