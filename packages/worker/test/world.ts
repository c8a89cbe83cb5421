import type { Effect, Obligation } from "@tape/core";
import { createTape, defineConfig, Drive, storeJournal, type AgentDefinition, type Tape } from "@tape/sdk";
import { claimRuns, commitRuns, Committer, listEffects, listObligations, openStore, type Store } from "@tape/store";
import { openTestStore } from "@tape/store/testing";
import { createWorker, type TapeWorker, type WorkerOptions } from "../src/index.ts";
import { until } from "../src/testing/until.ts";

/** A database of its own, an application, and workers that end with it. */
export interface World {
  readonly store: Store;
  readonly tape: Tape;
  /** A worker with a store of its own. It is stopped with the world. */
  worker(agents: readonly AgentDefinition[], options?: WorkerOptions & { tape?: Tape }): TapeWorker;
  /** Resolves when the run has this status. */
  reaches(runId: string, status: string): Promise<void>;
  /** Rows of a run's journal, as `kind.verb`, in order. */
  journal(runId: string): Promise<string[]>;
  effects(runId: string): Promise<Effect[]>;
  obligations(runId: string): Promise<Obligation[]>;
  /** Drives the oldest runnable run of the agent as a process would that is gone from then on: it hears nothing and is not seen. Resolves when it is claimed. */
  driveAndVanish(agent: AgentDefinition): Promise<void>;
  /** The lease of the run has run out. */
  loseLease(runId: string): Promise<void>;
  close(): Promise<void>;
}

/** @param on The store whose database it is; closed with the world. Default: a new database. */
export async function openWorld(on?: Store): Promise<World> {
  const store = on ?? (await openTestStore());
  const tape = createTape({ app: "test" });
  tape.use(store);
  const workers: { worker: TapeWorker; store: Store }[] = [];
  return {
    store,
    tape,
    worker: (agents, { tape: own = tape, ...options } = {}) => {
      const ownStore = openStore({ connectionString: store.connectionString, applicationName: "tape test worker" });
      const worker = createWorker({ store: ownStore, config: defineConfig({ tape: own, agents }), options });
      tape.use(store);
      workers.push({ worker, store: ownStore });
      return worker;
    },
    reaches: async (runId, status) => {
      let seen = "";
      await until(async () => (seen = (await tape.getRun(runId)).status) === status, { what: `${runId} becoming ${status}` }).catch((error: unknown) => {
        throw new Error(`${String(error)}; it is ${seen}`);
      });
    },
    journal: async (runId) => {
      const { items } = await tape.readJournal(runId, { limit: 500 });
      return items.map(({ kind, verb }) => `${kind}.${verb}`);
    },
    effects: async (runId) => (await listEffects(store, { runId, limit: 200 })).items,
    obligations: async (runId) => (await listObligations(store, { runId, limit: 200 })).items,
    driveAndVanish: async (agent) => {
      const loaded = [{ app: agent.app, agent: agent.name, version: agent.version }];
      const [claim] = await claimRuns(store, { owner: "wrk_gone", agents: loaded, limit: 1, ttlMs: 3_600_000, suspects: true });
      if (!claim) throw new Error(`no run of ${agent.name} is RUNNABLE`);
      void new Drive({ claim, agent, journal: storeJournal(store, new Committer((commits) => commitRuns(store, commits), () => {}), claim) }).run();
    },
    loseLease: async (runId) => {
      await store.pool.query("UPDATE tape.runs SET lease_expires_at = tape.now() - interval '1 s' WHERE id = $1 AND owner IS NOT NULL", [runId]);
    },
    close: async () => {
      for (const { worker } of workers) worker.hurry();
      await Promise.all(workers.map(({ worker }) => worker.stop()));
      await Promise.all(workers.map((each) => each.store.close()));
      await store.close();
    },
  };
}
