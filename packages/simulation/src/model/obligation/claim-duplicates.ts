import { newId } from "@tape/core";
import type * as store from "@tape/store";
import { inOrder } from "../in-order.ts";
import type { Model, ObligationRow } from "../model.ts";
import type { VerbOf } from "../verb.ts";
import { isDead } from "../worker/presence.ts";
import { LOST_ATTEMPT } from "./attempted.ts";
import { recordDuplicate } from "./record-duplicate.ts";
import { toReversal } from "./row.ts";

const CLAIM_MS = 120_000;

/**
 * Takes extra copies that are due to be undone and whose compensator is loaded here, in runs of any status (D18), and what
 * came to light of a run after its walk was over. What another has is taken from it when that one is dead or silent for
 * too long; that was an attempt.
 */
export const claimDuplicates: VerbOf<typeof store.claimDuplicates> = (model, { owner, compensators, limit }) => {
  const claim = `${owner}/${newId("rec")}`;
  const due = [...model.obligations.values()].filter((copy) => isToUndo(model, copy) && isFree(model, copy) && isLoaded(model, copy, compensators));
  const taken = inOrder(due, ({ nextAttemptAt, id }) => [nextAttemptAt ?? 0, id]).slice(0, limit);
  const lost = taken.filter((copy) => copy.claim !== null);
  for (const copy of taken) Object.assign(copy, { claim, claimExpiresAt: model.now + CLAIM_MS });
  for (const { id: obligationId, attempts } of lost) {
    recordDuplicate(model, { obligationId, claim, attempt: attempts + 1, owner, outcome: { status: "failed", error: { name: "WorkerLost", message: LOST_ATTEMPT } } });
  }
  return taken.filter((copy) => !lost.includes(copy)).map((copy) => ({ ...toReversal(model, copy), runId: copy.runId, claim }));
};

function isToUndo(model: Model, { runId, status, reason, nextAttemptAt }: ObligationRow): boolean {
  const isBesideWalk = reason === "duplicate" || model.runs.get(runId)!.status === "COMPENSATED";
  return status === "PENDING" && isBesideWalk && nextAttemptAt !== null && nextAttemptAt <= model.now;
}

function isFree(model: Model, copy: ObligationRow): boolean {
  return !isClaimed(model, copy) || isDead(model, ownerOf(copy));
}

function isLoaded(model: Model, { runId, kind }: ObligationRow, compensators: readonly store.LoadedCompensator[]): boolean {
  return compensators.some((loaded) => loaded.app === model.runs.get(runId)!.app && loaded.compensator === kind);
}

/** It is claimed beside any walk, and that has not run out. */
export function isClaimed(model: Model, { claimExpiresAt }: ObligationRow): boolean {
  return claimExpiresAt !== null && claimExpiresAt > model.now;
}

/** A claim is its owner's name and an id. */
export function ownerOf({ claim }: ObligationRow): string | null {
  return claim === null ? null : claim.slice(0, claim.indexOf("/"));
}
