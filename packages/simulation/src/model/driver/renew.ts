import type * as store from "@tape/store";
import type { VerbOf } from "../verb.ts";

/** Renews the leases of one owner. `cancelled`: it is held until its driver has left. `lost`: a newer epoch exists, or the run left its driver. */
export const renewLeases: VerbOf<typeof store.renewLeases> = (model, { owner, runs, ttlMs }) => {
  const renewals = new Map<string, store.Renewal>();
  for (const { runId, epoch } of runs) {
    const run = model.runs.get(runId);
    if (run?.owner !== owner || run.epoch !== epoch) {
      renewals.set(runId, "lost");
      continue;
    }
    run.leaseExpiresAt = model.now + ttlMs;
    const isCancelled = run.status === "CANCELLED" || (run.status === "COMPENSATING" && run.settledAt === null);
    renewals.set(runId, isCancelled ? "cancelled" : "ok");
  }
  return renewals;
};
