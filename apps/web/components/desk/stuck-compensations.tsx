"use client";

import { formatMoney, OBLIGATION_WORDS, type Obligation, type Page } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Id } from "../kit/copy.tsx";
import { Notice } from "../kit/notice.tsx";
import { State } from "../kit/state.tsx";
import { visible } from "../kit/visible.ts";
import { SettleObligation, titleOf } from "../run/compensation/settle-obligation.tsx";
import { hrefOfView } from "../run/view.ts";
import { useBlocked } from "../shell/me.tsx";
import { DeskSection } from "./desk-section.tsx";

/** The list is asked for this often (ms): what gives up is rare. */
const EVERY_MS = 5000;

export function StuckCompensations({ first }: { first: Page<Obligation> }) {
  const { client } = useTape();
  const [settling, setSettling] = useState<Obligation | null>(null);
  const blocked = useBlocked("operator");
  const { data, error } = useQuery({
    queryKey: ["obligations", "STUCK"],
    queryFn: ({ signal }) => client.obligations.list({ status: "STUCK", limit: 200 }, signal),
    initialData: first,
    refetchInterval: EVERY_MS,
  });
  return (
    <DeskSection title="Stuck compensations" count={data.items.length} more={data.nextCursor !== null} about="Undoing was tried five times and gave up. What is older in the run waits behind it." empty="Nothing that was to be undone is stuck.">
      {error !== null && <Notice role="alert">{error.message}</Notice>}
      <ul>
        {data.items.map((obligation) => (
          <li key={obligation.id} className="flex items-center gap-x-4 gap-y-2 border-b py-2.5 max-sm:flex-wrap">
            <div className="min-w-0 flex-1 max-sm:basis-full">
              <div className="flex min-w-0 flex-wrap items-baseline gap-x-2">
                <span className="min-w-0 font-medium break-words">{titleOf(obligation)}</span>
                <Link href={hrefOfView(obligation.runId, "compensation")} className="text-ink-3 underline decoration-line-strong underline-offset-2 hover:text-ink hover:decoration-ink">
                  <Id id={obligation.runId} />
                </Link>
              </div>
              <div className="flex items-start gap-x-3">
                <State words={OBLIGATION_WORDS.STUCK} className="shrink-0" />
                <span className="line-clamp-3 min-w-0 break-words text-ink-2">{obligation.lastError === null ? "It gave up." : visible(obligation.lastError.slice(0, 400))}</span>
              </div>
            </div>
            {obligation.amount !== null && <span className="figures shrink-0 font-medium">{formatMoney(obligation.amount)}</span>}
            <Button size="small" blocked={blocked} onPress={() => setSettling(obligation)} label={`Settle: ${titleOf(obligation)}`}>
              Settle
            </Button>
          </li>
        ))}
      </ul>
      <SettleObligation obligation={settling} onClose={() => setSettling(null)} />
    </DeskSection>
  );
}
