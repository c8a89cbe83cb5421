"use client";

import type { Effect, Page } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useQuery } from "@tanstack/react-query";
import { Notice } from "../kit/notice.tsx";
import { Ago } from "../kit/time.tsx";
import { DeskSection } from "./desk-section.tsx";
import { EffectList } from "./effect-list.tsx";

/** The list is asked for this often (ms): unknown effects are rare, and settle by themselves. */
const EVERY_MS = 5000;

export function UnknownEffects({ first }: { first: Page<Effect> }) {
  const { client } = useTape();
  const { data, error } = useQuery({
    queryKey: ["effects", "UNKNOWN"],
    queryFn: ({ signal }) => client.effects.list({ status: "UNKNOWN", limit: 200 }, signal),
    initialData: first,
    refetchInterval: EVERY_MS,
  });
  return (
    <DeskSection title="Outcome unknown" count={data.items.length} more={data.nextCursor !== null} about="The acknowledgement was lost: it may have happened. Nothing is sent twice until someone or something knows." empty="Every outcome is known.">
      {error !== null && <Notice role="alert">{error.message}</Notice>}
      <EffectList effects={data.items} since="sent" stands={(effect) => <Checks effect={effect} />} />
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
