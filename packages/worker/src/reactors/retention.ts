import type { RetainedStatus, RetentionOptions } from "@tape/sdk";
import { announceRetention, deleteRuns, dropBodies, type RetentionBatch, type RetentionPosition, type Store } from "@tape/store";
import type { Log } from "../log.ts";
import type { Pass } from "../loop.ts";

export interface RetentionReactorOptions {
  store: Store;
  retention: RetentionOptions;
  log: Log;
}

/** Between two batches: others have their turn at the database (ms). */
const BETWEEN_MS = 50;
/** Between two times through everything that has ended (ms). */
const REST_MS = 600_000;

const STATUSES: readonly RetainedStatus[] = ["COMPLETED", "FAILED", "CANCELLED", "COMPENSATED"];

interface Stage {
  says: "dropped the payloads of old runs" | "deleted old runs";
  status: RetainedStatus;
  take(from: RetentionPosition | null): Promise<RetentionBatch>;
}

/**
 * Lets old runs go, as the config says: the payloads of ended runs first, then the runs. A batch a pass, the longest ended
 * first, through each list to its end; what could not be taken is met again by the next time through. Without a word in
 * the config it does nothing, ever. What it will do is announced, so that a compensation's plan can say until when.
 */
export function retention({ store, retention: options, log }: RetentionReactorOptions): Pass {
  const stages = stagesOf(store, options);
  let isAnnounced = false;
  let place = 0;
  let from: RetentionPosition | null = null;
  return async () => {
    if (!isAnnounced) await announceRetention(store, { runsAfterMs: agesOf(options), compensableForMs: options.compensableForMs ?? null });
    isAnnounced = true;
    const stage = stages[place];
    if (!stage) {
      place = 0;
      return stages.length === 0 ? Infinity : REST_MS;
    }
    const { runs, next } = await stage.take(from);
    if (runs.length > 0) log.info({ status: stage.status, runs: runs.length }, stage.says);
    from = next;
    if (next === null) place += 1;
    return BETWEEN_MS;
  };
}

/** After how long a run that ended so is deleted (ms). */
function agesOf({ runsAfterMs }: RetentionOptions): Partial<Record<RetainedStatus, number>> {
  return typeof runsAfterMs === "number" ? Object.fromEntries(STATUSES.map((status) => [status, runsAfterMs])) : (runsAfterMs ?? {});
}

function stagesOf(store: Store, options: RetentionOptions): Stage[] {
  const { bodiesAfterMs } = options;
  const compensableForMs = options.compensableForMs ?? null;
  const ages = agesOf(options);
  return [
    ...STATUSES.flatMap((status): Stage[] =>
      bodiesAfterMs === undefined ? [] : [{ says: "dropped the payloads of old runs", status, take: (from) => dropBodies(store, { status, afterMs: bodiesAfterMs, from }) }],
    ),
    ...STATUSES.flatMap((status): Stage[] => {
      const afterMs = ages[status];
      return afterMs === undefined ? [] : [{ says: "deleted old runs", status, take: (from) => deleteRuns(store, { status, afterMs, compensableForMs, from }) }];
    }),
  ];
}
