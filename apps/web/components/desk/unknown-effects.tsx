"use client";

import { EFFECT_WORDS, type Effect, type Page } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Id } from "../kit/copy.tsx";
import { Notice } from "../kit/notice.tsx";
import { State } from "../kit/state.tsx";
import { Ago } from "../kit/time.tsx";
import { useBlocked } from "../shell/me.tsx";
import { DeskSection } from "./desk-section.tsx";
import { SettleDialog } from "./settle-dialog.tsx";
import { effectTitle } from "./words.ts";

/** The list is asked for this often (ms): unknown effects are rare, and settle by themselves. */
const EVERY_MS = 5000;

export function UnknownEffects({ first }: { first: Page<Effect> }) {
  const { client } = useTape();
  const [settling, setSettling] = useState<Effect | null>(null);
  const blocked = useBlocked("operator");
  const { data, error } = useQuery({
    queryKey: ["effects", "UNKNOWN"],
    queryFn: ({ signal }) => client.effects.list({ status: "UNKNOWN", limit: 200 }, signal),
    initialData: first,
    refetchInterval: EVERY_MS,
  });
  return (
    <DeskSection title="Outcome unknown" count={data.items.length} more={data.nextCursor !== null} about="The acknowledgement was lost: it may have happened. Nothing is sent twice until someone or something knows." empty="Every outcome is known.">
      {error !== null && <Notice role="alert">{error.message}</Notice>}
      <ul>
        {data.items.map((effect) => (
          <li key={effect.id} className="flex items-center gap-x-4 gap-y-2 border-b py-2.5 max-sm:flex-wrap">
            <div className="min-w-0 flex-1 max-sm:basis-full">
              <div className="flex min-w-0 flex-wrap items-baseline gap-x-2">
                <span className="min-w-0 font-medium break-words">{effectTitle(effect)}</span>
                <Link href={`/runs/${effect.runId}?item=effect:${effect.id}`} className="text-ink-3 underline decoration-line-strong underline-offset-2 hover:text-ink hover:decoration-ink">
                  <Id id={effect.runId} />
                </Link>
                <span className="text-sm text-ink-3">
                  sent <Ago at={effect.createdAt} />
                </span>
              </div>
              <div className="flex items-start gap-x-3">
                <State words={EFFECT_WORDS.UNKNOWN} className="shrink-0" />
                <span className="min-w-0 break-words text-ink-2">
                  <Checks effect={effect} />
                </span>
              </div>
            </div>
            <Button size="small" blocked={blocked} onPress={() => setSettling(effect)}>
              Settle
            </Button>
          </li>
        ))}
      </ul>
      <SettleDialog effect={settling} onClose={() => setSettling(null)} />
    </DeskSection>
  );
}

/** Who is asked about it, or why only a person can tell. */
function Checks({ effect }: { effect: Effect }) {
  const times = effect.checks === 0 ? "Not asked after yet" : `Asked after ${effect.checks === 1 ? "once" : `${effect.checks} times`}`;
  if (effect.needsPerson) return `${times}; only a person can tell now`;
  if (effect.nextCheckAt === null) return times;
  return (
    <>
      {times}, again <Ago at={effect.nextCheckAt} />
    </>
  );
}
