"use client";

import { RUN_WORDS, type Page, type RunSummary } from "@tape/core";
import { useRuns } from "@tape/client/react";
import Link from "next/link";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Id } from "../kit/copy.tsx";
import { State } from "../kit/state.tsx";
import { Ago } from "../kit/time.tsx";
import { RedriveDialog } from "../run/redrive-dialog.tsx";
import { whyNotRedrive } from "../run/why.ts";
import { useBlocked } from "../shell/me.tsx";
import { DeskSection } from "./desk-section.tsx";

export const STUCK = { filter: { status: ["STUCK" as const] }, limit: 100 };

export function StuckRuns({ first }: { first: Page<RunSummary> }) {
  const { rows, gone, arrived } = useRuns(STUCK, { rows: first.items, isFirst: true, hasMore: first.nextCursor !== null });
  const [driving, setDriving] = useState<RunSummary | null>(null);
  const blocked = useBlocked("operator");
  // What is stuck while it is taken back is settled one pile above, obligation by obligation.
  const shown = rows.filter((run) => run.endedAs === null);
  const stuck = shown.filter((run) => !gone.has(run.id));
  return (
    <DeskSection
      title="Stuck runs"
      count={stuck.length + arrived.size}
      more={first.nextCursor !== null}
      about="They stopped where going on would be a guess. Find the cause, then drive them again or cancel them."
      empty="No run is stuck."
    >
      <ul>
        {shown.map((run) => (
          <li key={run.id} className={`flex items-center gap-x-4 gap-y-2 border-b py-2.5 max-sm:flex-wrap ${gone.has(run.id) ? "opacity-50" : ""}`}>
            <div className="min-w-0 flex-1 max-sm:basis-full">
              <div className="flex min-w-0 items-baseline gap-2">
                <Link href={`/runs/${run.id}`} className="min-w-0 truncate font-medium hover:underline hover:underline-offset-2">
                  {run.agent}
                </Link>
                <span className="shrink-0 text-ink-3">
                  <Id id={run.id} />
                </span>
                <span className="shrink-0 text-sm text-ink-3">
                  started <Ago at={run.createdAt} />
                </span>
              </div>
              <div className="flex items-start gap-x-3">
                <State words={gone.has(run.id) ? RUN_WORDS[run.status] : RUN_WORDS.STUCK} className="shrink-0" />
                <span className="min-w-0 break-words text-ink-2">{gone.has(run.id) ? "no longer stuck" : run.whyWaiting[0]?.sentence}</span>
              </div>
            </div>
            {!gone.has(run.id) && (
              <Button size="small" blocked={whyNotRedrive(run) ?? blocked} onPress={() => setDriving(run)}>
                Redrive
              </Button>
            )}
          </li>
        ))}
      </ul>
      {arrived.size > 0 && (
        <p className="py-2.5 text-ink-2">
          <a href="/desk" className="underline underline-offset-2">
            Show {arrived.size} more
          </a>
        </p>
      )}
      {driving !== null && <RedriveDialog run={driving} isOpen onClose={() => setDriving(null)} />}
    </DeskSection>
  );
}
