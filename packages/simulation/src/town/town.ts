import { defineConfig, type AgentDefinition, type DueTimer, type TapeConfig } from "@tape/sdk";
import { createWorker, type TapeWorker } from "@tape/worker";
import { storeOf } from "../stand-in/store.ts";
import { Process, type World } from "../world/index.ts";
import { agentsOf, type Errand } from "./agents.ts";
import { Bank, clientOf } from "./bank.ts";
import { modelsOf, type Models } from "./models.ts";
import { toolsOf } from "./tools.ts";

/** Names of the agents that are started from outside. */
export const AGENTS = ["payer", "batch", "patient", "thrifty", "clumsy", "racer"] as const;
export type AgentName = (typeof AGENTS)[number];

export interface TownHooks {
  /** Something is about to move money at the bank. */
  arrived(what: "act" | "undo", key: string): void;
  /** A model is asked. */
  asked(label: string): void;
  /** A handler of a timer begins. */
  reminded(timer: DueTimer): void;
}

/** What a process has loaded. */
interface Loaded {
  config: TapeConfig;
  agents: readonly AgentDefinition<Errand>[];
}

/** How a worker is run: short leases, so that what is lost is found before a schedule is over. */
export interface WorkerSettings {
  leaseTtlMs: number;
  concurrency: number;
}

/** Agents, what they act on, and the workers that drive them. */
export class Town {
  readonly bank: Bank;
  readonly models: Models;
  private starter: Process | undefined;
  private loaded: Loaded | undefined;

  constructor(
    private readonly world: World,
    private readonly hooks: TownHooks,
  ) {
    this.bank = new Bank({ arrived: (what, key) => hooks.arrived(what, key) });
    this.models = { asked: [], onAsk: (label) => hooks.asked(label) };
  }

  /** Starts a worker in `process`, from now on. */
  work(process: Process, settings: WorkerSettings): { stop(): void } {
    let worker: TapeWorker | undefined;
    process.after(0, () => {
      worker = createWorker({ store: storeOf(process), config: this.load(process).config, options: { ...settings, graceMs: 3_000 } });
      void worker.start().catch(() => {});
    });
    return { stop: () => void worker?.stop().then(() => process.kill()) };
  }

  /** Starts a run from a process outside of all workers, and asks again until it is started. */
  start(agent: AgentName, errand: Errand): void {
    const process = (this.starter ??= new Process("starter", "starter", this.world));
    process.after(0, () => {
      const { config, agents } = (this.loaded ??= this.load(process));
      const definition = agents.find(({ name }) => name === agent)!;
      const attempt = (): Promise<unknown> =>
        config.tape.start(definition, errand, { invocationId: errand.name, labels: { town: "simulated" } }).catch(async () => {
          await new Promise((resolve) => setTimeout(resolve, 200));
          return attempt();
        });
      void attempt();
    });
  }

  private load(process: Process): Loaded {
    const tools = toolsOf(clientOf(this.bank, process));
    const { tape } = tools;
    const agents = agentsOf(tools, modelsOf(this.models, process));
    tape.onTimer("remind", (timer) => this.hooks.reminded(timer));
    tape.use(storeOf(process));
    return { config: defineConfig({ tape, agents: agents as readonly AgentDefinition[] }), agents };
  }
}
