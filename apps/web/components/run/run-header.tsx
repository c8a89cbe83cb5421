"use client";

import { formatMicroUsd, runWords, sayActor, type Run } from "@tape/core";
import { ArrowRight, CircleSlash, PanelRight, Radio, RotateCcw, Undo2 } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Changed } from "../kit/changed.tsx";
import { CopyButton, Id } from "../kit/copy.tsx";
import { cx } from "../kit/cx.ts";
import { State, toneInk } from "../kit/state.tsx";
import { Ago, Since } from "../kit/time.tsx";
import { Labels } from "../runs/labels.tsx";
import { useBlocked } from "../shell/me.tsx";
import { CancelDialog } from "./cancel-dialog.tsx";
import { MoreMenu } from "./more-menu.tsx";
import { ProgressOfRun } from "./progress-of-run.tsx";
import { RedriveDialog } from "./redrive-dialog.tsx";
import { SignalDialog } from "./signal-dialog.tsx";
import { hrefOfView, type RunView } from "./view.ts";
import { ViewLink } from "./view-link.tsx";
import { headline, whyNotCancel, whyNotRedrive, whyNotSignal } from "./why.ts";

export interface RunHeaderProps {
  run: Run;
  /** The name of the signal that is awaited, "" when none is. */
  awaited: string;
  /** Effects that are confirmed, what runs right now as sentences, and how many have an inverse. */
  confirmed: number;
  running: readonly string[];
  obligations: number;
  /** What stands below: a button does not lead to where one is. */
  view: RunView;
  detailsOpen: boolean;
  onDetails: () => void;
}

/** What it is doing, in one sentence; what one can do; and the few figures one asks for next. */
export function RunHeader({ run, awaited, confirmed, running, obligations, view, detailsOpen, onDetails }: RunHeaderProps) {
  const [asking, setAsking] = useState<"signal" | "redrive" | "cancel" | null>(null);
  const away = useBlocked("operator");
  const words = runWords(run.status, run.whyWaiting);
  const sentence = headline(run);
  const hasEnded = run.status === "COMPLETED" || run.status === "FAILED" || run.status === "CANCELLED";
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
      <div className="flex items-center gap-2 max-sm:order-last max-sm:col-span-2 max-sm:gap-1.5">
        <Button size="small" icon={<Radio size={13} aria-hidden className="max-sm:hidden" />} blocked={whyNotSignal(run) ?? away} onPress={() => setAsking("signal")}>
          Signal
        </Button>
        <Button size="small" icon={<RotateCcw size={13} aria-hidden className="max-sm:hidden" />} blocked={whyNotRedrive(run) ?? away} onPress={() => setAsking("redrive")}>
          Redrive
        </Button>
        {hasEnded && obligations > 0 ? (view !== "compensation" && (
          <ViewLink href={hrefOfView(run.id, "compensation")} className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line-strong px-2 text-sm hover:bg-hover pointer-coarse:h-9">
            <Undo2 size={13} aria-hidden className="max-sm:hidden" /> Compensate
          </ViewLink>)
        ) : (
          <Button size="small" icon={<CircleSlash size={13} aria-hidden className="max-sm:hidden" />} blocked={whyNotCancel(run) ?? away} onPress={() => setAsking("cancel")}>
            Cancel
          </Button>
        )}
        <Button size="small" look="ghost" icon={<PanelRight size={13} aria-hidden />} onPress={onDetails} className={cx("max-sm:ml-auto", detailsOpen && "bg-selected text-ink")}>
          <span className="max-sm:sr-only">Details</span>
        </Button>
        <MoreMenu run={run} />
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
          ) : why.code === "compensation_stuck" && view !== "compensation" ? (
            <ViewLink key={why.code} href={hrefOfView(run.id, "compensation")} className="inline-flex h-7 items-center gap-1.5 rounded-md bg-ink px-2.5 text-sm font-medium text-canvas hover:opacity-90 pointer-coarse:h-9">
              Settle it <ArrowRight size={13} aria-hidden />
            </ViewLink>
          ) : (why.code === "effect_unsettled" || why.code === "effect_needs_person") && why.ref != null ? (
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
        <ProgressOfRun key={run.id} run={run} />
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

      <CancelDialog run={run} confirmed={confirmed} running={running} isOpen={asking === "cancel"} onClose={() => setAsking(null)} />
      <SignalDialog run={run} awaited={awaited} isOpen={asking === "signal"} onClose={() => setAsking(null)} />
      <RedriveDialog run={run} isOpen={asking === "redrive"} onClose={() => setAsking(null)} />
    </header>
  );
}
