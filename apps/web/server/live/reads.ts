import { countOpenGates, getGatesOfRuns, getRun, getRunSummaries, getValue, listGates, listRuns, readJournal, readVersions, serverTime, type Store } from "@tape/store";
import type { LiveReads } from "./types.ts";

/** The live side's reads, by the store's verbs. */
export function liveReads(store: Store): LiveReads {
  return {
    run: (id) => getRun(store, { id }),
    entries: async (runId, fromSeq, limit) => (await readJournal(store, { runId, fromSeq, limit })).items,
    summaries: (ids, filter) => getRunSummaries(store, { ids, filter }),
    newestRuns: async (filter, limit) => (await listRuns(store, { filter, limit })).items,
    gatesOf: (runIds) => getGatesOfRuns(store, { runIds }),
    openGates: async (limit) => (await listGates(store, { status: "OPEN", limit })).items,
    countOpenGates: () => countOpenGates(store),
    value: (namespace, key) => getValue(store, { namespace, key }),
    versions: (namespace, key, after, limit) => readVersions(store, { namespace, key, after, limit }),
    serverTime: () => serverTime(store),
  };
}
