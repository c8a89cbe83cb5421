"use client";

import { sayTimer, TIMER_WORDS, type Run, type StateWords, type Timer, type TimelineItem } from "@tape/core";
import { useTape } from "@tape/client/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { AlarmClock } from "lucide-react";
import { useState } from "react";
import { Button } from "../../kit/button.tsx";
import { Changed } from "../../kit/changed.tsx";
import { Empty, Notice } from "../../kit/notice.tsx";
import { State } from "../../kit/state.tsx";
import { Ago } from "../../kit/time.tsx";
import { visible } from "../../kit/visible.ts";
import { useBlocked } from "../../shell/me.tsx";
import { hrefOfItem } from "../view.ts";
import { ViewLink } from "../view-link.tsx";
import { CancelTimerDialog, nameOf } from "./cancel-timer-dialog.tsx";
import { inOrder, whyNotCancelTimer } from "./words.ts";

const GAVE_UP: StateWords = { tone: "operator", word: "gave up", icon: "triangle-alert" };
const COLUMNS = "sm:grid-cols-[minmax(10rem,1fr)_7rem_6rem_4.5rem_minmax(0,2fr)_5.5rem]";

export interface TimersPanelProps {
  run: Run;
  /** The timeline's rows: where a timer stands changes with them. */
  items: readonly TimelineItem[];
  loaded: readonly Timer[] | null;
}

/** The run's timers: what is due, when, how often it was tried and why it failed. */
export function TimersPanel({ run, items, loaded }: TimersPanelProps) {
  const { client } = useTape();
  const [cancelling, setCancelling] = useState<Timer | null>(null);
  const away = useBlocked("operator");
  const stand = items.reduce((last, item) => (item.kind === "timer" ? Math.max(last, item.lastSeq) : last), 0);
  const { data, error } = useQuery({
    queryKey: ["timers", run.id, stand],
    queryFn: async ({ signal }) => (await client.runs.timers(run.id, { limit: 200 }, signal)).items,
    placeholderData: keepPreviousData,
    ...(loaded !== null && { initialData: [...loaded], initialDataUpdatedAt: 0 }),
  });
  const timers = inOrder(data ?? []);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      {error !== null && (
        <div className="p-4">
          <Notice role="alert">{error.message}</Notice>
        </div>
      )}
      {data !== undefined && timers.length === 0 ? (
        <Empty title="No timers" icon={<AlarmClock size={22} aria-hidden />}>
          <p>
            The agent sets one with <code className="font-mono text-sm">tape.setTimer</code>. Deadlines of gates and sleeps stand here too.
          </p>
        </Empty>
      ) : (
        <div role="table" aria-label="Timers">
          <div role="row" className={`grid h-8 items-center gap-x-4 border-b px-4 text-sm text-ink-3 max-sm:sr-only ${COLUMNS}`}>
            <span role="columnheader">Timer</span>
            <span role="columnheader">Due</span>
            <span role="columnheader">Status</span>
            <span role="columnheader" className="text-right">
              Attempts
            </span>
            <span role="columnheader">Last error</span>
            <span role="columnheader">
              <span className="sr-only">What one can do</span>
            </span>
          </div>
          {timers.map((timer) => (
            <Row key={timer.id} timer={timer} blocked={whyNotCancelTimer(timer) ?? away} onCancel={() => setCancelling(timer)} />
          ))}
        </div>
      )}
      <CancelTimerDialog timer={cancelling} onClose={() => setCancelling(null)} />
    </div>
  );
}

function Row({ timer, blocked, onCancel }: { timer: Timer; blocked: string | null; onCancel: () => void }) {
  const isArmed = timer.status === "ARMED";
  const words = timer.status === "FIRED" && timer.lastError !== null ? GAVE_UP : TIMER_WORDS[timer.status];
  return (
    <div role="row" className={`grid items-center gap-x-4 gap-y-0.5 border-b px-4 py-2 max-sm:grid-cols-[minmax(0,1fr)_auto] sm:min-h-10 ${COLUMNS}`}>
      <div role="cell" className="min-w-0">
        <ViewLink href={hrefOfItem(timer.runId, `timer:${timer.id}`)} className="font-medium break-words hover:underline hover:underline-offset-2">
          {visible(sayTimer(timer.kind))}
        </ViewLink>
      </div>
      <div role="cell" className="text-ink-2 max-sm:order-2 max-sm:text-right">
        <Ago at={timer.fireAt} />
      </div>
      <div role="cell" className="flex max-sm:order-3">
        <Changed value={timer.status}>
          <State words={words} />
        </Changed>
      </div>
      <div role="cell" className="figures text-right text-ink-2 max-sm:order-4">
        {timer.attempts > 0 && (
          <>
            {timer.attempts}
            <span className="sm:sr-only"> {timer.attempts === 1 ? "attempt" : "attempts"}</span>
          </>
        )}
      </div>
      <div role="cell" className="min-w-0 max-sm:order-5 max-sm:col-span-2">
        {timer.lastError !== null && <p className="line-clamp-2 text-sm break-words text-operator">{visible(timer.lastError.slice(0, 400))}</p>}
      </div>
      <div role="cell" className="flex max-sm:order-6 max-sm:col-span-2 sm:justify-end">
        {isArmed && (
          <Button size="small" blocked={blocked} onPress={onCancel} label={`Cancel ${nameOf(timer)}`}>
            Cancel
          </Button>
        )}
      </div>
    </div>
  );
}
