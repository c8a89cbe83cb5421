import { createTape, defineConfig, type AgentDefinition, type Tape } from "@tape/sdk";
import { openStore, type Store } from "@tape/store";
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
    close: async () => {
      for (const { worker } of workers) worker.hurry();
      await Promise.all(workers.map(({ worker }) => worker.stop()));
      await Promise.all(workers.map((each) => each.store.close()));
      await store.close();
    },
  };
}
