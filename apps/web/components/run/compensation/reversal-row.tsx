import { formatMoney, type CompensationItem, type CompensationPlan } from "@tape/core";
import { Button } from "../../kit/button.tsx";
import { Changed } from "../../kit/changed.tsx";
import { cx } from "../../kit/cx.ts";
import { State } from "../../kit/state.tsx";
import { Ago, NextTry } from "../../kit/time.tsx";
import { visible } from "../../kit/visible.ts";
import { hrefOfItem } from "../view.ts";
import { ViewLink } from "../view-link.tsx";
import { titleOf } from "./settle-obligation.tsx";
import { isOwed, stepWords } from "./words.ts";

export interface ReversalRowProps {
  item: CompensationItem;
  /** Its place in the walk, from 1. */
  place: number;
  status: CompensationPlan["status"];
  blocked: string | null;
  onSettle: (item: CompensationItem) => void;
}

/** One reversal: how it stands, what it does, what it takes back, and how much. */
export function ReversalRow({ item, place, status, blocked, onSettle }: ReversalRowProps) {
  const { effect, obligation } = item;
  const words = stepWords(obligation, status);
  const canSettle = obligation.status === "STUCK" || (obligation.status === "PENDING" && obligation.lastError !== null);
  return (
    <li className="grid grid-cols-[1.75rem_minmax(0,1fr)_auto] items-start gap-x-3 gap-y-1 border-b py-2.5 [contain-intrinsic-size:auto_3.5rem] [content-visibility:auto] sm:grid-cols-[1.75rem_8rem_minmax(0,1fr)_auto]">
      <span className="figures text-right text-ink-3">{place}</span>
      <Changed value={obligation.status} className="-mx-1 flex min-w-0 rounded-sm px-1 max-sm:col-start-2">
        <State words={words} />
      </Changed>
      <div className="min-w-0 max-sm:col-span-2 max-sm:col-start-2">
        <p className={cx("break-words", words.struck && "text-ink-3 line-through decoration-1")}>{titleOf(obligation)}</p>
        <p className="text-sm break-words text-ink-3">
          takes back{" "}
          <ViewLink href={hrefOfItem(obligation.runId, `effect:${effect.id}`)} className="underline decoration-line-strong underline-offset-2 hover:text-ink hover:decoration-ink">
            {visible(effect.summary ?? effect.tool)}
          </ViewLink>
          {effect.settledAt !== null && (
            <>
              , <Ago at={effect.settledAt} />
            </>
          )}
        </p>
        <How item={item} />
        {canSettle && (
          <div className="pt-1.5 pb-0.5">
            <Button size="small" blocked={blocked} onPress={() => onSettle(item)} label={`${obligation.status === "STUCK" ? "Settle" : "Stop trying"}: ${titleOf(obligation)}`}>
              {obligation.status === "STUCK" ? "Settle it" : "Stop trying"}
            </Button>
          </div>
        )}
      </div>
      <span className="figures pl-2 text-right font-medium whitespace-nowrap max-sm:col-start-3 max-sm:row-start-1">{obligation.amount === null ? "" : formatMoney(obligation.amount)}</span>
    </li>
  );
}

/** What is worth a line: who is missing, which attempt it is and when the next one comes, why it gave up. */
function How({ item: { hasWorker, obligation } }: { item: CompensationItem }) {
  const { attempts, kind, lastError, nextAttemptAt, status } = obligation;
  if (!isOwed(obligation)) return null;
  const missing = hasWorker ? null : <p className="text-sm break-words text-operator">No live worker has the compensator {visible(kind)}: the walk waits here until one loads it.</p>;
  if (status === "STUCK") return <p className="line-clamp-4 text-sm break-words text-operator">Gave up{lastError === null ? "" : `: ${visible(lastError.slice(0, 600))}`}</p>;
  if (status !== "PENDING" || lastError === null) return missing;
  return (
    <>
      {missing}
      <p className="line-clamp-3 text-sm break-words text-undone">
        {attempts > 0 && `Attempt ${attempts} failed: `}
        {visible(lastError.slice(0, 600))}
        {nextAttemptAt !== null && (
          <>
            {" · "}
            <NextTry at={nextAttemptAt} className="whitespace-nowrap" />
          </>
        )}
      </p>
    </>
  );
}
