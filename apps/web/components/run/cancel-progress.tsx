"use client";

import { OBLIGATION_WORDS, type Run } from "@tape/core";
import { Check, CircleDashed, Loader, Minus } from "lucide-react";
import { cx } from "../kit/cx.ts";
import { Icon } from "../kit/icon.tsx";
import { Ago, Since } from "../kit/time.tsx";
import { visible } from "../kit/visible.ts";
import type { AtWork, CancelStep, CancelStory } from "./cancel-story.ts";
import { usePlan } from "./compensation/use-plan.ts";
import { sayDone } from "./compensation/words.ts";
import { hrefOfItem, hrefOfView } from "./view.ts";
import { ViewLink } from "./view-link.tsx";

const MARKS = { done: Check, open: Loader, skipped: Minus, later: CircleDashed } as const;

/** Requested, noticed, settled: what became of a cancellation, what still runs, and what it does not take back. */
export function CancelProgress({ run, story, isPlanShown }: { run: Run; story: CancelStory; isPlanShown: boolean }) {
  const first = story.steps.findIndex(({ state }) => state === "open");
  return (
    <section aria-label="Cancellation" className="shrink-0 border-b bg-sunken px-4 py-3">
      <ol className="grid gap-x-6 gap-y-2.5 sm:grid-cols-3">
        {story.steps.map((step, at) => (
          <Step key={step.id} step={step} isLater={step.state === "open" && at !== first} running={step.state === "open" && at === first ? story.running : []} runId={run.id} />
        ))}
      </ol>
      {run.settledAt !== null && !isPlanShown && <NotTakenBack run={run} unknown={story.unknown} />}
    </section>
  );
}

function Step({ step, isLater, running, runId }: { step: CancelStep; isLater: boolean; running: readonly AtWork[]; runId: string }) {
  const Mark = MARKS[isLater ? "later" : step.state];
  const isNow = step.state === "open" && !isLater;
  return (
    <li aria-current={isNow ? "step" : undefined} className="flex min-w-0 items-start gap-2">
      <Mark size={14} aria-hidden className={cx("mt-[3px] shrink-0", isNow ? "turning text-live" : step.state === "done" ? "text-ink-2" : "text-ink-3")} />
      <div className="min-w-0 flex-1">
        <p className={cx("break-words", isNow ? "font-medium text-live" : step.state === "done" ? "font-medium" : "text-ink-3")}>
          {step.title}{" "}
          <span className="text-sm font-normal whitespace-nowrap text-ink-3">
            {isNow ? <Since at={step.at} /> : step.took !== null ? <span className="figures">after {step.took}</span> : step.state === "done" ? <Ago at={step.at} /> : null}
          </span>
        </p>
        {step.detail !== null && <p className="line-clamp-3 text-sm break-words text-ink-2">{visible(step.detail)}</p>}
        {running.length > 0 && <Running running={running} runId={runId} />}
      </div>
    </li>
  );
}

/** Names no more than a few; a fan-out of hundreds is told by its number. */
const NAMED = 3;

function Running({ running, runId }: { running: readonly AtWork[]; runId: string }) {
  return (
    <ul className="mt-1 flex flex-col gap-0.5 text-sm">
      {running.slice(0, NAMED).map(({ itemId, sentence, since }) => (
        <li key={itemId} className="break-words">
          <span className="text-ink-3">Still runs: </span>
          <ViewLink href={hrefOfItem(runId, itemId)} className="underline decoration-line-strong underline-offset-2 hover:decoration-ink">
            {sentence}
          </ViewLink>
          <span className="text-ink-3">
            , since <Since at={since} />
          </span>
        </li>
      ))}
      {running.length > NAMED && <li className="figures text-ink-3">and {running.length - NAMED} more</li>}
    </ul>
  );
}

/** Cancelling is not undoing: says what is still done, and leads to what compensating would do. */
function NotTakenBack({ run, unknown }: { run: Run; unknown: number }) {
  const { plan } = usePlan(run);
  if (plan === null || plan.items.length === 0) return null;
  return (
    <p className="mt-3 flex items-start gap-2 border-t pt-3 text-pretty">
      <Icon name={OBLIGATION_WORDS.REGISTERED.icon} className="mt-[3px] shrink-0 text-ink-3" />
      <span className="min-w-0 break-words">
        Cancelling does not take back what was done: <span className="figures font-medium">{visible(sayDone(plan.items))}</span>
        {unknown > 0 && `, and ${unknown === 1 ? "one more" : `${unknown} more`} of which nobody knows yet`}.{" "}
        <ViewLink href={hrefOfView(run.id, "compensation")} className="whitespace-nowrap underline decoration-line-strong underline-offset-2 hover:decoration-ink">
          See what compensating would do
        </ViewLink>
      </span>
    </p>
  );
}
