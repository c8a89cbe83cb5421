import { forgetDeadWorkers, pruneIdempotencyKeys, type Store } from "@tape/store";
import type { Log } from "../log.ts";
import type { Pass } from "../loop.ts";

const POLL_MS = 60_000;

/**
 * Takes workers off the list that died without a goodbye, long after their leases have run out. One that was only
 * frozen registers again with its next beat. Forgets the keys of requests that nobody sends again any more.
 */
export function janitor({ store, log }: { store: Store; log: Log }): Pass {
  return async () => {
    const forgotten = await forgetDeadWorkers(store);
    if (forgotten.length > 0) log.info({ workers: forgotten }, "took dead workers off the list");
    const { more } = await pruneIdempotencyKeys(store);
    return more ? 0 : POLL_MS;
  };
}
