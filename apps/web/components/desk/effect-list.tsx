"use client";

import { EFFECT_WORDS, type Effect } from "@tape/core";
import Link from "next/link";
import { useState, type ReactNode } from "react";
import { Button } from "../kit/button.tsx";
import { Id } from "../kit/copy.tsx";
import { State } from "../kit/state.tsx";
import { Ago } from "../kit/time.tsx";
import { useBlocked } from "../shell/me.tsx";
import { SettleDialog } from "./settle-dialog.tsx";
import { effectTitle } from "./words.ts";

/** Effects that a person may settle, each with where it stands. `since`: what the instant of its intent is called. */
export function EffectList({ effects, since, stands }: { effects: readonly Effect[]; since: string; stands: (effect: Effect) => ReactNode }) {
  const [settling, setSettling] = useState<Effect | null>(null);
  const blocked = useBlocked("operator");
  return (
    <>
      <ul>
        {effects.map((effect) => (
          <li key={effect.id} className="flex items-center gap-x-4 gap-y-2 border-b py-2.5 max-sm:flex-wrap">
            <div className="min-w-0 flex-1 max-sm:basis-full">
              <div className="flex min-w-0 flex-wrap items-baseline gap-x-2">
                <span className="min-w-0 font-medium break-words">{effectTitle(effect)}</span>
                <Link href={`/runs/${effect.runId}?item=effect:${effect.id}`} className="text-ink-3 underline decoration-line-strong underline-offset-2 hover:text-ink hover:decoration-ink">
                  <Id id={effect.runId} />
                </Link>
                <span className="text-sm text-ink-3">
                  {since} <Ago at={effect.createdAt} />
                </span>
              </div>
              <div className="flex items-start gap-x-3">
                <State words={effect.status === "PENDING" ? NOT_SENT : EFFECT_WORDS[effect.status]} className="shrink-0" />
                <span className="min-w-0 break-words text-ink-2">{stands(effect)}</span>
              </div>
            </div>
            <Button size="small" blocked={blocked} onPress={() => setSettling(effect)}>
              Settle
            </Button>
          </li>
        ))}
      </ul>
      <SettleDialog effect={settling} onClose={() => setSettling(null)} />
    </>
  );
}

const NOT_SENT = { ...EFFECT_WORDS.UNKNOWN, word: "not sent", icon: "triangle-alert" } as const;
