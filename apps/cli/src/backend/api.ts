import { connectLive, createClient, type TapeClient } from "@tape/client";
import { TapeError, type Value } from "@tape/core";
import { UsageError } from "../exit.ts";
import type { Backend, ValueName } from "./backend.ts";

/** While there is no socket, so many of the newest runs are asked for again this often. */
const NEWEST = 50;
const POLL_MS = 2_000;

/** A remote Tape by its HTTP API, with what the token's role may do. */
export function apiBackend({ url, token }: { url: string; token: string | undefined }): Backend {
  const client = createClient({ baseUrl: url, token });
  return {
    now: async () => new Date((await client.system()).serverTime),
    status: async () => {
      const { serverTime: _, ...status } = await client.system();
      return status;
    },
    listWorkers: async () => (await client.workers()).items,
    listAgents: async () => (await client.agents()).items,

    startRun: (request) => client.runs.start(request),
    getRun: (id) => client.runs.get(id),
    listRuns: (filter, paging) => client.runs.list({ ...filter, ...paging }),
    readJournal: (runId, fromSeq) => client.runs.journal(runId, { fromSeq, limit: 500 }),
    redriveRun: (id, reason) => client.runs.redrive(id, { reason }),
    cancelRun: (id, reason) => client.runs.cancel(id, { reason }),
    compensationPlan: (id) => client.runs.compensation(id),
    compensateRun: (id, reason) => client.runs.compensate(id, { reason }),
    async watchRuns(tell, signal) {
      const live = connectLive({ client, baseUrl: url, ...(token !== undefined && { token }), pollMs: POLL_MS });
      live.watchRuns({ filter: {}, limit: NEWEST }, (news) => tell(news.type === "changed" ? news.upserts : news.rows.toReversed()));
      await aborted(signal);
      live.close();
    },
    async sendSignal(runId, name, payload) {
      await client.runs.signal(runId, { name, payload });
    },

    listGates: (filter, paging) => client.gates.list({ ...filter, ...paging }),
    gatesOfRun: async (runId) => (await client.runs.gates(runId)).items,
    getGate: (id) => client.gates.get(id),
    decideGate: (id, decision) => client.gates.decide(id, decision),

    extendGate: (id, request) => client.gates.extend(id, request),

    listEffects: (filter, paging) => client.effects.list({ ...filter, ...paging }),
    resolveEffect: (id, resolution) => client.effects.resolve(id, resolution),

    listObligations: (filter, paging) => client.obligations.list({ ...filter, ...paging }),
    resolveObligation: (id, resolution) => client.obligations.resolve(id, resolution),

    listTimers: async (runId) => (await client.runs.timers(runId)).items,
    setTimer: (runId, timerId, request) => client.runs.setTimer(runId, timerId, request),
    cancelTimer: (runId, timerId) => client.runs.cancelTimer(runId, timerId),

    listNamespaces: (paging) => client.values.namespaces(paging),
    listValues: (namespace, paging) => client.values.list(namespace, paging),
    getValue: (name) => latestOf(client, name),
    setValue: ({ namespace, key }, value, condition) => client.values.set(namespace, key, value, condition),
    deleteValue: ({ namespace, key }, condition) => client.values.delete(namespace, key, condition),
    watchValue: ({ namespace, key }, fromVersion, signal) => client.values.watch(namespace, key, { fromVersion, signal }),

    listAudit: (filter, paging) => client.audit({ ...filter, ...paging }),
    verifyAudit: () => Promise.reject(new UsageError("The audit log is verified at its database: run this there, without TAPE_URL.")),

    listSinks: async () => (await client.sinks.list()).items,
    resumeSink: (id) => client.sinks.resume(id),
    forgetSink: (id) => client.sinks.forget(id),

    createToken: (request) => client.tokens.create(request),
    close: async () => {},
  };
}

/** What is not live may have been: its history says so. */
async function latestOf(client: TapeClient, { namespace, key }: ValueName): Promise<Value | null> {
  try {
    return await client.values.get(namespace, key);
  } catch (error) {
    if (!TapeError.is(error, "not_found")) throw error;
    const { items } = await client.values.history(namespace, key, { limit: 1 });
    return items[0] ?? null;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
