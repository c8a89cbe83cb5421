import type { Role } from "@tape/core";
import { signInLink } from "./people.ts";
import type { Process } from "./process.ts";
import { openSystem, type System } from "./system.ts";

/** The demo's agents, or the ones of these tests. */
export type Agents = "demo" | "e2e";

/** One running Tape that the specs share: the bank, a worker with the demo's agents, another with the ones of these tests, the console. */
export interface Town {
  readonly system: System;
  readonly url: string;
  readonly web: Process;
  readonly bankUrl: string;
  /** The worker that drives these agents now. */
  worker(config: Agents): Process;
  /** Kills it (-9) if it still runs, then starts another one. */
  replaceWorker(config: Agents): Promise<void>;
  link(role?: Role): Promise<string>;
  close(): Promise<void>;
}

export async function openTown(): Promise<Town> {
  const system = await openSystem();
  try {
    const [web, bank, demo, e2e] = await Promise.all([system.web(), system.bank(), system.worker({ config: "demo" }), system.worker()]);
    const workers: Record<Agents, Process> = { demo, e2e };
    return {
      system,
      url: web.url,
      web,
      bankUrl: String(bank.ready.url),
      worker: (config) => workers[config],
      replaceWorker: async (config) => {
        await workers[config].kill();
        workers[config] = await system.worker({ config });
      },
      link: (role) => signInLink(system, web.url, role),
      close: () => system.close(),
    };
  } catch (error) {
    await system.close();
    throw error;
  }
}
