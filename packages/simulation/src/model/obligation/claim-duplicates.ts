import type * as store from "@tape/store";
import { inOrder } from "../in-order.ts";
import type { ObligationRow } from "../model.ts";
import type { VerbOf } from "../verb.ts";
import { toReversal } from "./row.ts";

const CLAIM_MS = 120_000;

/**
 * Takes extra copies that are due to be undone and whose compensator is loaded here, in runs of any status (D18), and what
 * came to light of a run after its walk was over.
 */
export const claimDuplicates: VerbOf<typeof store.claimDuplicates> = (model, { compensators, limit }) => {
  const due = [...model.obligations.values()].filter(({ runId, status, reason, kind, nextAttemptAt }) => {
    const { app, status: runStatus } = model.runs.get(runId)!;
    const isBesideWalk = reason === "duplicate" || runStatus === "COMPENSATED";
    const isLoaded = compensators.some((loaded) => loaded.app === app && loaded.compensator === kind);
    return status === "PENDING" && isBesideWalk && nextAttemptAt !== null && nextAttemptAt <= model.now && isLoaded;
  });
  return inOrder(due, ({ nextAttemptAt, id }) => [nextAttemptAt ?? 0, id])
    .slice(0, limit)
    .map((copy) => {
      copy.nextAttemptAt = model.now + CLAIM_MS;
      return { ...toReversal(model, copy), runId: copy.runId, claim: claimOf(copy)! };
    });
};

/** What shows that a claim is the last that was given: when it runs out. */
export function claimOf({ nextAttemptAt }: ObligationRow): string | null {
  return nextAttemptAt === null ? null : (nextAttemptAt / 1_000).toFixed(6);
}
