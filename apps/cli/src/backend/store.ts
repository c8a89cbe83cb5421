import { TapeError } from "@tape/core";
import { DatabaseError, resolveDatabaseUrl } from "@tape/prisma";
import {
  cancelRun,
  cancelTimer,
  compensateRun,
  compensationPlan,
  createHintHub,
  createToken,
  decideGate,
  deleteValue,
  extendGate,
  forgetSink,
  getGate,
  getRun,
  getValue,
  listAgents,
  listAudit,
  listEffects,
  listGates,
  listNamespaces,
  listObligations,
  listRuns,
  listSinks,
  listTimers,
  listValues,
  listWorkers,
  openStore,
  readJournal,
  redriveRun,
  resolveEffect,
  resolveObligation,
  resumeSink,
  sendSignal,
  serverTime,
  setTimer,
  setValue,
  startRun,
  systemStatus,
  verifyAudit,
  watchValue,
  type Actor,
  type Store,
} from "@tape/store";
import type { Env } from "../env.ts";
import { appOf } from "./app-of.ts";
import type { Backend } from "./backend.ts";
import { watchRuns } from "./watch-runs.ts";

export function actorOf({ actor }: Env): Actor {
  return { id: actor, email: null, role: "admin", source: "command line" };
}

/** @throws {TapeError} `database_not_running` */
export async function openLocalStore(env: Env): Promise<Store> {
  const connectionString = await databaseUrl(env);
  return openStore({ connectionString, applicationName: "tape cli", max: 4 });
}

export async function databaseUrl(env: Env): Promise<string> {
  try {
    return await resolveDatabaseUrl({ env: env.variables, cwd: process.cwd() });
  } catch (error) {
    if (error instanceof DatabaseError && error.code === "database_not_running") throw new TapeError("database_not_running", error.message);
    throw error;
  }
}

/** The store's verbs in this process: whoever may reach the database may do everything, under their own name. */
export function storeBackend(store: Store, env: Env): Backend {
  const actor = actorOf(env);
  const hub = createHintHub({ connectionString: store.connectionString, applicationName: "tape cli hints" });
  return {
    now: async () => new Date(await serverTime(store)),
    status: () => systemStatus(store),
    listWorkers: () => listWorkers(store),
    listAgents: () => listAgents(store),

    async startRun(request) {
      const { run, resumed } = await startRun(store, { ...request, app: await appOf(store, request.agent), startedBy: actor.id, source: actor.source });
      return { ...run, resumed };
    },
    getRun: (id) => getRun(store, { id }),
    listRuns: (filter, paging) => listRuns(store, { filter, ...paging }),
    readJournal: (runId, fromSeq) => readJournal(store, { runId, fromSeq }),
    redriveRun: (id, reason) => redriveRun(store, { id, reason, actor }),
    cancelRun: (id, reason) => cancelRun(store, { id, reason, actor }),
    compensationPlan: (id) => compensationPlan(store, { id }),
    compensateRun: (id, reason) => compensateRun(store, { id, reason, actor }),
    watchRuns: (tell, signal) => watchRuns(store, tell, signal),
    async sendSignal(runId, name, payload) {
      await sendSignal(store, { runId, name, payload, by: actor.id, actor });
    },

    listGates: (filter, paging) => listGates(store, { ...filter, ...paging }),
    gatesOfRun: async (runId) => (await listGates(store, { runId })).items,
    getGate: (id) => getGate(store, { id }),
    decideGate: (id, decision) => decideGate(store, { ...decision, id, actor }),

    extendGate: (id, request) => extendGate(store, { ...request, id, actor }),

    listEffects: (filter, paging) => listEffects(store, { ...filter, ...paging }),
    resolveEffect: (id, resolution) => resolveEffect(store, { ...resolution, id, actor }),

    listObligations: (filter, paging) => listObligations(store, { ...filter, ...paging }),
    resolveObligation: (id, resolution) => resolveObligation(store, { ...resolution, id, actor }),

    listTimers: (runId) => listTimers(store, { runId }),
    setTimer: (runId, id, request) => setTimer(store, { ...request, runId, id, by: actor.id, actor }),
    cancelTimer: (runId, id) => cancelTimer(store, { runId, id, by: actor.id, actor }),

    listNamespaces: (paging) => listNamespaces(store, paging),
    listValues: (namespace, paging) => listValues(store, { namespace, ...paging }),
    getValue: (name) => getValue(store, name),
    setValue: (name, value, condition) => setValue(store, { ...name, ...condition, value, writer: actor.id, actor }),
    deleteValue: (name, condition) => deleteValue(store, { ...name, ...condition, writer: actor.id, actor }),
    watchValue: (name, fromVersion, signal) => watchValue(store, hub, { ...name, fromVersion, signal }),

    listAudit: (filter, paging) => listAudit(store, { ...filter, ...paging }),
    verifyAudit: () => verifyAudit(store),

    listSinks: () => listSinks(store),
    resumeSink: (id) => resumeSink(store, { id, actor }),
    forgetSink: (id) => forgetSink(store, { id, actor }),

    async createToken(request) {
      const { record, token } = await createToken(store, { ...request, actor });
      return { ...record, secret: token };
    },
    close: async () => {
      await hub.stop();
      await store.close();
    },
  };
}
