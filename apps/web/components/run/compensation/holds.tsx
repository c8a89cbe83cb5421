import { EFFECT_WORDS, sayWorker, type CompensationPlan } from "@tape/core";
import { Hourglass } from "lucide-react";
import Link from "next/link";
import { Notice } from "../../kit/notice.tsx";
import { State } from "../../kit/state.tsx";
import { Since } from "../../kit/time.tsx";
import { visible } from "../../kit/visible.ts";
import { hrefOfItem } from "../view.ts";
import { ViewLink } from "../view-link.tsx";

/** What a walk waits for: outcomes that nobody knows, and a body that still runs. */
export function Holds({ plan, runId, isOn }: { plan: CompensationPlan; runId: string; isOn: boolean }) {
  const { drivenBy, unsettled } = plan;
  if (unsettled.length === 0 && drivenBy === null) return null;
  const link = "underline decoration-line-strong underline-offset-2 hover:decoration-ink";
  return (
    <Notice tone={isOn ? "undone" : "quiet"} icon={<Hourglass size={14} aria-hidden />}>
      <p className="font-medium">
        {isOn ? "The walk waits" : "It would wait"} until {[unsettled.length > 0 && "every outcome is known", drivenBy !== null && "the last body has returned"].filter(Boolean).join(" and ")}.
      </p>
      <ul className="mt-1 flex flex-col gap-1">
        {drivenBy !== null && <li className="text-ink-2">{`A body of the run may still be running on ${sayWorker(drivenBy)}. What it confirms is undone too.`}</li>}
        {unsettled.map((effect) => (
          <li key={effect.id} className="flex flex-wrap items-baseline gap-x-2">
            <State words={EFFECT_WORDS[effect.status]} className="self-center" />
            <ViewLink href={hrefOfItem(runId, `effect:${effect.id}`)} className={`min-w-0 break-words ${link}`}>
              {visible(effect.summary ?? effect.tool)}
            </ViewLink>
            <span className="text-sm text-ink-3">
              since <Since at={effect.createdAt} />
            </span>
            {effect.status === "UNKNOWN" && (
              <Link href="/desk" className={`text-sm whitespace-nowrap ${link}`}>
                Settle it on the desk
              </Link>
            )}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
