import { RUN_WORDS, runWords, type RunSummary } from "@tape/core";
import Link from "next/link";
import { Changed } from "../kit/changed.tsx";
import { shortId } from "../kit/copy.tsx";
import { cx } from "../kit/cx.ts";
import { Going } from "../kit/going.tsx";
import { progressWords } from "../kit/progress-words.ts";
import { Progress } from "../kit/progress.tsx";
import { State } from "../kit/state.tsx";
import { Ago } from "../kit/time.tsx";
import { Labels } from "./labels.tsx";
import { runSentence } from "./sentence.ts";

/** The columns of the list; below 640 px the same cells stand on two lines. */
export const RUN_COLUMNS = "sm:grid-cols-[11.5rem_minmax(9rem,15rem)_minmax(0,1fr)_minmax(0,auto)_5rem]";

export function RunRow({ run, gone }: { run: RunSummary; gone: boolean }) {
  const words = runWords(run.status, run.whyWaiting);
  return (
    <div
      role="row"
      data-gone={gone || undefined}
      className={cx(
        "group relative grid items-center gap-x-4 border-b px-4 transition-opacity duration-200 hover:bg-hover sm:h-9",
        "max-sm:grid-cols-[minmax(0,1fr)_auto] max-sm:gap-y-0.5 max-sm:py-2",
        RUN_COLUMNS,
        gone && "opacity-50",
      )}
    >
      <div role="cell" className="flex min-w-0 max-sm:order-3 max-sm:col-span-2 max-sm:gap-2">
        <Changed value={`${run.status} ${words.word}`}>
          <State words={words} className="max-sm:hidden" />
          <State words={{ ...words, word: RUN_WORDS[run.status].word }} className="shrink-0 sm:hidden" />
        </Changed>
        <span aria-hidden className="min-w-0 truncate text-ink-2 sm:hidden">
          {run.progress ? <span className="figures">{progressWords(run.progress).sentence} · </span> : ""}
          {runSentence(run)}
        </span>
      </div>
      <div role="cell" className="flex min-w-0 items-baseline gap-2 max-sm:order-1">
        <Link
          href={`/runs/${run.id}`}
          prefetch={false}
          data-row
          className="truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ink"
        >
          {run.agent}
          <Going className="ml-2" />
        </Link>
        <span className="shrink-0 font-mono text-xs text-ink-3" title={run.id}>
          {shortId(run.id)}
        </span>
      </div>
      <div role="cell" className="flex min-w-0 items-center gap-3 text-ink-2 max-sm:sr-only">
        {run.progress && <Progress progress={run.progress} moving={run.status === "RUNNING"} slim className="min-w-36 shrink-0" />}
        <span className="truncate" title={runSentence(run)}>
          {runSentence(run)}
        </span>
        {gone && <span className="shrink-0 text-ink-3">no longer matches</span>}
      </div>
      <div role="cell" className="min-w-0 max-lg:hidden">
        <Labels labels={run.labels} max={2} />
      </div>
      <div role="cell" className="text-right whitespace-nowrap text-ink-3 max-sm:order-2">
        <Ago at={run.createdAt} />
      </div>
    </div>
  );
}
