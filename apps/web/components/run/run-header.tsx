"use client";

import { formatMicroUsd, runWords, sayActor, type Run } from "@tape/core";
import { ArrowRight, PanelRight, Radio, RotateCcw } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Changed } from "../kit/changed.tsx";
import { CopyButton, Id } from "../kit/copy.tsx";
import { cx } from "../kit/cx.ts";
import { Progress } from "../kit/progress.tsx";
import { State, toneInk } from "../kit/state.tsx";
import { Ago, Since } from "../kit/time.tsx";
import { Labels } from "../runs/labels.tsx";
import { useBlocked } from "../shell/me.tsx";
import { RedriveDialog } from "./redrive-dialog.tsx";
import { SignalDialog } from "./signal-dialog.tsx";
import { headline, whyNotRedrive, whyNotSignal } from "./why.ts";

export interface RunHeaderProps {
  run: Run;
  /** The name of the signal that is awaited, "" when none is. */
  awaited: string;
  detailsOpen: boolean;
  onDetails: () => void;
}

/** What it is doing, in one sentence; what one can do; and the few figures one asks for next. */
export function RunHeader({ run, awaited, detailsOpen, onDetails }: RunHeaderProps) {
  const [asking, setAsking] = useState<"signal" | "redrive" | null>(null);
  const away = useBlocked("operator");
  const words = runWords(run.status, run.whyWaiting);
  const sentence = headline(run);
  return (
    <header className="grid shrink-0 grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-2 border-b px-4 pt-3.5 pb-3 max-sm:pt-2">
      <div className="flex min-w-0 items-center gap-2">
        <Link href="/runs" className="text-ink-3 hover:text-ink">
          Runs
        </Link>
        <span aria-hidden className="text-ink-3">
          /
        </span>
        <h1 className="min-w-0 truncate font-semibold">{run.agent}</h1>
        <span className="flex shrink-0 items-center text-ink-3">
          <Id id={run.id} />
          <CopyButton text={run.id} label="Copy the run's id" />
        </span>
      </div>
      <div className="flex items-center gap-2 max-sm:order-last max-sm:col-span-2">
        <Button size="small" icon={<Radio size={13} aria-hidden />} blocked={whyNotSignal(run) ?? away} onPress={() => setAsking("signal")}>
          Signal
        </Button>
        <Button size="small" icon={<RotateCcw size={13} aria-hidden />} blocked={whyNotRedrive(run) ?? away} onPress={() => setAsking("redrive")}>
          Redrive
        </Button>
        <Button size="small" look="ghost" icon={<PanelRight size={13} aria-hidden />} onPress={onDetails} className={cx("max-sm:ml-auto", detailsOpen && "bg-selected text-ink")}>
          Details
        </Button>
      </div>

      <div className="col-span-2 flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <Changed value={run.status}>
          <State words={words} soft />
        </Changed>
        <p className={cx("line-clamp-3 min-w-0 text-lg font-medium text-pretty break-words", words.tone === "operator" && toneInk("operator"))} data-testid="headline">
          {sentence}
        </p>
        {run.whyWaiting.map((why) =>
          why.code === "gate" && why.ref != null ? (
            <Link key={why.ref} href={`/inbox/${why.ref}`} className="inline-flex h-7 items-center gap-1.5 rounded-md bg-ink px-2.5 text-sm font-medium text-canvas hover:opacity-90 pointer-coarse:h-9">
              Open the card <ArrowRight size={13} aria-hidden />
            </Link>
          ) : why.code === "effect_unsettled" && why.ref != null ? (
            <Link key={why.ref} href="/desk" className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line-strong px-2.5 text-sm hover:bg-hover pointer-coarse:h-9">
              Settle it on the desk <ArrowRight size={13} aria-hidden />
            </Link>
          ) : null,
        )}
      </div>
      {run.whyWaiting.length > 1 && (
        <ul className="col-span-2 flex flex-col text-ink-2">
          {run.whyWaiting.slice(1).map((why, at) => (
            <li key={at}>{why.sentence}</li>
          ))}
        </ul>
      )}

      <div className="col-span-2 flex min-w-0 flex-wrap items-center gap-x-4 gap-y-1 text-ink-3">
        {run.progress !== null && <Progress progress={run.progress} moving={run.status === "RUNNING"} />}
        <span className="min-w-0 truncate">
          started <Ago at={run.createdAt} />
          <span className="max-sm:hidden"> by {sayActor(run.startedBy)}</span>
        </span>
        {run.endedAt === null && (
          <span className="max-sm:hidden">
            lasts <Since at={run.startedAt ?? run.createdAt} />
          </span>
        )}
        {run.budget.spentMicroUsd > 0 && <span className="figures">{formatMicroUsd(run.budget.spentMicroUsd)}</span>}
        <span className="min-w-0 max-sm:hidden">
          <Labels labels={run.labels} max={4} />
        </span>
      </div>

      <SignalDialog run={run} awaited={awaited} isOpen={asking === "signal"} onClose={() => setAsking(null)} />
      <RedriveDialog run={run} isOpen={asking === "redrive"} onClose={() => setAsking(null)} />
    </header>
  );
}
