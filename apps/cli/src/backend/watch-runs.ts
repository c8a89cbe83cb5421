import type { RunSummary } from "@tape/core";
import { getRunSummaries, listenForHints, listRuns, type Store } from "@tape/store";

/** So many of the newest runs are read again when hints may have been missed. */
const NEWEST = 50;
/** Hints are only hints: it is looked at least this often. */
const LOOK_MS = 2_000;

/** Reads the runs that hints speak of, and from time to time the newest ones, until the signal aborts. */
export async function watchRuns(store: Store, tell: (runs: readonly RunSummary[]) => void, signal: AbortSignal): Promise<void> {
  const changed = new Set<string>();
  let lookAt = 0;
  let wake: () => void = () => {};
  const listener = listenForHints({
    connectionString: store.connectionString,
    applicationName: "tape cli hints",
    onHints(hints) {
      for (const hint of hints) if (hint.on === "run") changed.add(hint.id);
      wake();
    },
    onResync() {
      lookAt = 0;
      wake();
    },
  });
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort);
  try {
    while (!signal.aborted) {
      const ids = [...changed];
      changed.clear();
      if (ids.length > 0) tell((await getRunSummaries(store, { ids })).reverse());
      if (Date.now() >= lookAt) {
        lookAt = Date.now() + LOOK_MS;
        tell((await listRuns(store, { filter: {}, limit: NEWEST })).items.toReversed());
      }
      if (changed.size > 0 || Date.now() >= lookAt || signal.aborted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    await listener.stop();
  }
}
