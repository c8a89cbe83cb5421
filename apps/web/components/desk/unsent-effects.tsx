"use client";

import { foreign, type Effect, type Page } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useQuery } from "@tanstack/react-query";
import { Notice } from "../kit/notice.tsx";
import { NextTry } from "../kit/time.tsx";
import { DeskSection } from "./desk-section.tsx";
import { EffectList } from "./effect-list.tsx";

/** The list is asked for this often (ms): most leave it by themselves, when the counterparty is back. */
const EVERY_MS = 5000;

/** What keeps failing to be sent. Nothing to do when there is none, and then nothing is said. */
export function UnsentEffects({ first }: { first: Page<Effect> }) {
  const { client } = useTape();
  const { data, error } = useQuery({
    queryKey: ["effects", "PENDING"],
    queryFn: ({ signal }) => client.effects.list({ status: "PENDING", limit: 200 }, signal),
    initialData: first,
    refetchInterval: EVERY_MS,
  });
  if (data.items.length === 0) return null;
  return (
    <DeskSection title="Not sent" count={data.items.length} more={data.nextCursor !== null} about="The counterparty does not take it. It is tried again until it does, or until somebody settles it." empty="">
      {error !== null && <Notice role="alert">{error.message}</Notice>}
      <EffectList effects={data.items} since="asked" stands={(effect) => <Attempts effect={effect} />} />
    </DeskSection>
  );
}

function Attempts({ effect: { attempts, error, nextAttemptAt } }: { effect: Effect }) {
  const failed = `${attempts - 1} attempts failed${error === null ? "" : `: ${foreign(error.message, 200)}`}`;
  if (nextAttemptAt === null) return failed;
  return (
    <>
      {failed} · <NextTry at={nextAttemptAt} className="whitespace-nowrap" />
    </>
  );
}
