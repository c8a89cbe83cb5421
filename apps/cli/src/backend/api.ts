import { createClient } from "@tape/client";
import type { Backend } from "./backend.ts";

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
    async sendSignal(runId, name, payload) {
      await client.runs.signal(runId, { name, payload });
    },

    listGates: (filter, paging) => client.gates.list({ ...filter, ...paging }),
    gatesOfRun: async (runId) => (await client.runs.gates(runId)).items,
    getGate: (id) => client.gates.get(id),
    decideGate: (id, decision) => client.gates.decide(id, decision),

    listEffects: (filter, paging) => client.effects.list({ ...filter, ...paging }),
    resolveEffect: (id, resolution) => client.effects.resolve(id, resolution),

    createToken: (request) => client.tokens.create(request),
    close: async () => {},
  };
}
