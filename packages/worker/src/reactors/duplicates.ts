import { TapeError } from "@tape/core";
import type { BodyContext } from "@tape/sdk";
import { claimDuplicates, recordDuplicate, releaseDuplicate, type CopyToUndo, type LoadedCompensator, type Store } from "@tape/store";
import { answerWithin } from "../answer-within.ts";
import type { Log } from "../log.ts";
import type { Pass } from "../loop.ts";
import { patiently } from "../patiently.ts";
import { attempt } from "../walk/attempt.ts";
import type { Compensators } from "../walk/walk.ts";

export interface DuplicatesOptions {
  store: Store;
  /** This worker. */
  owner: string;
  /** What it can undo, as claims name it and as it is called. */
  loaded: readonly LoadedCompensator[];
  compensators: Compensators;
  log: Log;
  /** How long a compensator may take (ms). Default 60,000: half of what the claim lasts. */
  timeoutMs?: number;
}

/** Copies undone at the same time. */
const BATCH = 10;
const POLL_MS = 1_000;
const PATIENCE_MS = 20_000;

/**
 * Undoes extra copies that a counterparty was seen to have (D18), in runs of any status and beside any walk: each by the
 * compensator of its tool or its connector, under a key of its own. A failing one is tried again by back-off, and after
 * five attempts is STUCK by itself.
 */
export function duplicates({ store, owner, loaded, compensators, log, timeoutMs = 60_000 }: DuplicatesOptions): Pass {
  const undo = async (copy: CopyToUndo, signal: AbortSignal): Promise<void> => {
    const { id: obligationId, runId, kind, claim } = copy;
    const compensator = compensators.get(kind);
    if (!compensator) return;
    const outcome = await attempt(() => answerWithin({ signal, timeoutMs }, (aborted) => compensator.run(contextOf(copy, aborted), copy.payload)));
    try {
      // One that a stop has broken off is given back: that is no fault of its own.
      if (signal.aborted && outcome.status === "failed") return await releaseDuplicate(store, { obligationId, claim });
      const { status } = await patiently({ forMs: PATIENCE_MS, signal }, () => recordDuplicate(store, { obligationId, claim, attempt: copy.attempt, owner, outcome }));
      log.info({ runId, obligationId, compensator: kind, ref: copy.payload.copy?.ref, status }, "undid an extra copy");
    } catch (error) {
      if (TapeError.is(error, "lease_lost")) return;
      log.warn({ runId, obligationId, err: error }, "what came of undoing a copy could not be written; it is undone again under the same key");
    }
  };

  return async (signal) => {
    if (loaded.length === 0) return POLL_MS;
    const copies = await claimDuplicates(store, { owner, compensators: loaded, limit: BATCH });
    await Promise.all(copies.map((copy) => undo(copy, signal)));
    return copies.length === BATCH ? 0 : POLL_MS;
  };
}

/** It runs under no run's lease: there is nothing to renew, and nobody cancels it. */
function contextOf({ runId, key, attempt: nth }: CopyToUndo, signal: AbortSignal): BodyContext {
  return { runId, key, attempt: nth, signal, heartbeat: async () => {}, isCancelled: async () => false };
}
