import { createTestDatabase } from "@tape/prisma/testing";
import { openStore, type Store } from "@tape/store";
import { createWorker } from "@tape/worker";
import { defineAgents, type Agents } from "../agents/agents.ts";
import type { Server } from "../workload.ts";
import { cpuMs, memoryMb } from "./usage.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";
import type { BenchWorker } from "./worker.ts";

/** Where the worker is: in the process of its callers, or in one of its own. */
export type Placement = "inside" | "beside";

/** An empty database, a client of it in this process, and the workers that are started; all ended by `close`. */
export interface World {
  readonly url: string;
  /** Of the client, and of workers inside: as in an application that has both. */
  readonly store: Store;
  readonly agents: Agents;
  startWorker(placement: Placement): Promise<BenchWorker>;
  /** @param options.stepsFile gets a line for each step's body that runs */
  startProcess(options: { stepsFile: string }): Promise<WorkerProcess>;
}

/** @param agents Default: ones that tell nobody of their steps. */
export async function withWorld<Result>(server: Server, work: (world: World) => Promise<Result>, agents: Agents = defineAgents()): Promise<Result> {
  const database = await createTestDatabase({ server });
  const store = openStore({ connectionString: database.url, applicationName: "tape bench" });
  agents.tape.use(store);
  const workers: BenchWorker[] = [];
  const keep = <Worker extends BenchWorker>(worker: Worker): Worker => {
    workers.push(worker);
    return worker;
  };
  try {
    return await work({
      url: database.url,
      store,
      agents,
      startWorker: async (placement) => keep(placement === "inside" ? await startInside(store, agents) : await startWorkerProcess({ databaseUrl: database.url })),
      startProcess: async ({ stepsFile }) => keep(await startWorkerProcess({ databaseUrl: database.url, stepsFile })),
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await agents.tape.close();
    await store.close();
    await database.drop();
  }
}

async function startInside(store: Store, agents: Agents): Promise<BenchWorker> {
  const worker = createWorker({ store, config: agents.config });
  await worker.start();
  return {
    cpuMs: () => Promise.resolve(cpuMs()),
    memoryMb: () => Promise.resolve(memoryMb()),
    marks: () => Promise.resolve(agents.marks.take()),
    stop: () => worker.stop(),
  };
}
