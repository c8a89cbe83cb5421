"use client";

import { type CompensationItem, type CompensationPlan, type Entry, type Run } from "@tape/core";
import { Undo2 } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Button } from "../../kit/button.tsx";
import { cx } from "../../kit/cx.ts";
import { Empty, Notice } from "../../kit/notice.tsx";
import { Progress } from "../../kit/progress.tsx";
import { useAnnounce } from "../../shell/announcer.tsx";
import { useBlocked } from "../../shell/me.tsx";
import { CompensateDialog } from "./compensate-dialog.tsx";
import { AskableUntil } from "./askable-until.tsx";
import { Holds } from "./holds.tsx";
import { ReversalRow } from "./reversal-row.tsx";
import { SettleObligation } from "./settle-obligation.tsx";
import { usePlan } from "./use-plan.ts";
import { itemsNow, walkedIn } from "./walk.ts";
import { sayOwed, sayProgress, sayWalk, standingOf, sumsOf, whyNotCompensate, type Standing } from "./words.ts";

export interface CompensationPanelProps {
  run: Run;
  /** Its journal; null while the rest of it is still on its way, and the plan alone knows. */
  entries: readonly Entry[] | null;
  /** The plan that came with the page. */
  loaded: CompensationPlan | null;
}

/** What compensating would do, in order and with sums, before the button; then the same list as it is walked. */
export function CompensationPanel({ run, entries, loaded }: CompensationPanelProps) {
  const { plan, error } = usePlan(run, loaded);
  const walked = useMemo(() => walkedIn(entries ?? []), [entries]);
  const items = useMemo(() => itemsNow(plan?.items ?? [], walked), [plan, walked]);
  const standing = standingOf(items);
  const away = useBlocked("operator");
  const [settling, setSettling] = useState<string | null>(null);
  useWalkNews(run, items.length, standing);

  if (plan === null) return <div className="min-h-0 flex-1 p-4">{error !== null && <Notice role="alert">{error.message}</Notice>}</div>;
  if (items.length === 0) {
    return (
      <div className="min-h-0 flex-1 overflow-y-auto">
        <Empty title="Nothing to undo" icon={<Undo2 size={22} aria-hidden />}>
          <p>No confirmed effect of this run has an inverse. A tool gets one with {<code className="font-mono text-sm">compensate</code>}.</p>
        </Empty>
      </div>
    );
  }
  const chosen = items.find(({ obligation }) => obligation.id === settling)?.obligation ?? null;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <Summary run={run} plan={plan} items={items} standing={standing} away={away} />
      <ol aria-label="Reversals, in order" className="max-w-5xl border-t px-4">
        {items.map((item, at) => (
          <ReversalRow key={item.obligation.id} item={item} place={at + 1} status={run.status} blocked={away} onSettle={({ obligation }) => setSettling(obligation.id)} />
        ))}
      </ol>
      <SettleObligation obligation={chosen} onClose={() => setSettling(null)} />
    </div>
  );
}

interface SummaryProps {
  run: Run;
  plan: CompensationPlan;
  items: readonly CompensationItem[];
  standing: Standing;
  away: string | null;
}

/** How much, how far, what holds it, and the one button. */
function Summary({ run, plan, items, standing, away }: SummaryProps) {
  const [asking, setAsking] = useState(false);
  const isOn = run.status === "COMPENSATING" || (run.status === "STUCK" && run.endedAs !== null);
  const isDone = run.status === "COMPENSATED";
  const isHeld = plan.unsettled.length > 0 || plan.drivenBy !== null;
  const sums = sumsOf(isDone ? items.filter(({ obligation }) => obligation.status === "COMPENSATED") : standing.owed);
  const blocked = whyNotCompensate(plan, standing.owed.length) ?? away;
  return (
    <div className="flex max-w-5xl flex-col gap-3 px-4 py-4">
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div className="flex min-w-0 flex-col gap-1">
          {sums.map((sum) => (
            <p key={sum} className="text-2xl font-semibold tracking-[-0.018em] break-words">
              <span className="figures">{sum}</span>
              {(isOn || isDone) && <span className="pl-2 text-base font-normal tracking-normal text-ink-3">{isOn ? "still to come back" : "came back"}</span>}
            </p>
          ))}
          {isOn || isDone ? (
            <Progress progress={{ done: standing.undone, total: items.length, label: sayWalk(standing) }} moving={run.status === "COMPENSATING"} tone="undone" />
          ) : (
            <p className="text-ink-2 text-pretty">{sentenceOf(standing)}</p>
          )}
        </div>
        {!isOn && !isDone && (
          <Button look="primary" size="large" blocked={blocked} onPress={() => setAsking(true)} describedBy={blocked === null ? undefined : "why-not-compensate"} className={cx("max-w-full max-sm:w-full", "overflow-hidden")}>
            <span className="truncate">Compensate {sayOwed(standing.owed)}</span>
          </Button>
        )}
      </div>
      {!isOn && !isDone && blocked !== null && (
        <p id="why-not-compensate" className="text-ink-2 text-pretty">
          {blocked}
        </p>
      )}
      {!isOn && !isDone && plan.refusal === null && <AskableUntil until={plan.compensableUntil} />}
      <Holds plan={plan} runId={run.id} isOn={isOn} />
      <CompensateDialog run={run} owed={standing.owed} isHeld={isHeld} blocked={blocked} isOpen={asking} onClose={() => setAsking(false)} />
    </div>
  );
}

function sentenceOf({ owed, undone, waived }: Standing): string {
  const before = undone + waived === 0 ? "" : ` ${undone + waived} of them ${undone + waived === 1 ? "is" : "are"} settled already.`;
  const without = owed.filter(({ obligation }) => obligation.amount === null).length;
  const unnamed = without === 0 || without === owed.length ? "" : ` ${without === 1 ? "One of them names" : `${without} of them name`} no amount.`;
  return `${owed.length === 1 ? "This would be undone." : "These would be undone in this order, the newest first, one at a time."}${unnamed}${before}`;
}

/** Says how the walk goes, coalesced with what else is said. */
function useWalkNews(run: Run, total: number, standing: Standing): void {
  const announce = useAnnounce();
  const words = run.status === "COMPENSATING" && total > 0 ? sayProgress(standing, total) : null;
  useEffect(() => {
    if (words !== null) announce(`${words}.`, "walk");
  }, [words, announce]);
}
