"use client";

import type { Effect, Obligation, Page, RunSummary } from "@tape/core";
import { PageTitle } from "../shell/inbox-feed.tsx";
import { StuckCompensations } from "./stuck-compensations.tsx";
import { StuckRuns } from "./stuck-runs.tsx";
import { UnsentEffects } from "./unsent-effects.tsx";
import { UnknownEffects } from "./unknown-effects.tsx";

/** What only an operator can settle. Empty is how it should be. */
export function DeskScreen({ effects, unsent, obligations, runs }: { effects: Page<Effect>; unsent: Page<Effect>; obligations: Page<Obligation>; runs: Page<RunSummary> }) {
  return (
    <div className="h-full overflow-y-auto">
      <PageTitle>Desk</PageTitle>
      <h1 className="sr-only">Desk</h1>
      <div className="mx-auto flex max-w-5xl flex-col gap-9 px-4 py-6 sm:px-8">
        <UnknownEffects first={effects} />
        <UnsentEffects first={unsent} />
        <StuckCompensations first={obligations} />
        <StuckRuns first={runs} />
      </div>
    </div>
  );
}
