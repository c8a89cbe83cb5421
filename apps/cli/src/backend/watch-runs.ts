import type { RunSummary } from "@tape/core";
import { getRunSummaries, listRuns, type HintHub, type Store } from "@tape/store";

/** So many of the newest runs are read again when hints may have been missed. */
const NEWEST = 50;
/** Hints are only hints: it is looked at least this often. */
const LOOK_MS = 2_000;

/** Reads the runs that hints speak of, and from time to time the newest ones, until the signal aborts. */
export async function watchRuns(store: Store, hub: HintHub, tell: (runs: readonly RunSummary[]) => void, signal: AbortSignal): Promise<void> {
  const changed = new Set<string>();
  let wake: () => void = () => {};
  const unsubscribe = hub.subscribe(
    (hint) => {
      if (hint.on === "run") changed.add(hint.id);
      return hint.on === "run";
    },
    () => wake(),
  );
  const stop = () => wake();
  signal.addEventListener("abort", stop);
  let lookAt = 0;
  try {
    while (!signal.aborted) {
      const ids = [...changed];
      changed.clear();
      if (ids.length > 0) tell((await getRunSummaries(store, { ids })).reverse());
      if (Date.now() >= lookAt) {
        tell((await listRuns(store, { limit: NEWEST })).items.toReversed());
        lookAt = Date.now() + LOOK_MS;
      }
      if (changed.size === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LOOK_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    }
  } finally {
    signal.removeEventListener("abort", stop);
    unsubscribe();
  }
}
