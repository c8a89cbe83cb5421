import { progress, type RunSummary } from "@tape/core";
import { iso } from "../iso.ts";
import { keyOf, plainJson, type Model, type RunRow } from "../model.ts";

/** A run as it is read, without why it is where it is: whoever is modelled here does not ask. */
export function toSummary(model: Model, run: RunRow): RunSummary {
  const { id, app, agent, version, invocationId, status, endedAs, cancelReason, cancelledBy, labels, startedBy, seq, owner, epoch, leaseExpiresAt, openEffects } = run;
  const { capMicroUsd, capTokens, spentMicroUsd, spentTokens, reservedMicroUsd, reservedTokens } = run;
  return {
    ...{ id, app, agent, version, invocationId, status, endedAs, cancelReason, cancelledBy, startedBy, seq },
    whyWaiting: [],
    labels: plainJson(labels),
    cancelledAt: iso(run.cancelledAt),
    cancelNoticedAt: iso(run.cancelNoticedAt),
    settledAt: iso(run.settledAt),
    lease: owner !== null && leaseExpiresAt !== null ? { owner, epoch, expiresAt: iso(leaseExpiresAt) } : null,
    budget: { capMicroUsd, capTokens, spentMicroUsd, spentTokens, reservedMicroUsd, reservedTokens },
    progress: progressOf(model, id),
    unsettled: openEffects,
    createdAt: iso(run.createdAt),
    startedAt: iso(run.startedAt),
    endedAt: iso(run.endedAt),
  };
}

/** What its agent says of how far it is; agents write what they like there. */
function progressOf(model: Model, runId: string): RunSummary["progress"] {
  const last = model.values.get(keyOf(`runs/${runId}`, "progress"))?.at(-1);
  return last?.value == null ? null : (progress.safeParse(JSON.parse(last.value)).data ?? null);
}
