import { defineConfig, type AgentDefinition, type DueTimer, type TapeConfig } from "@tape/sdk";
import { createWorker, type TapeWorker } from "@tape/worker";
import { say } from "../stand-in/remote.ts";
import { storeOf } from "../stand-in/store.ts";
import { Process, type World } from "../world/index.ts";
import { agentsOf, type Errand } from "./agents.ts";
import { Bank, clientOf } from "./bank.ts";
import { modelsOf, type Models } from "./models.ts";
import { APP, toolsOf } from "./tools.ts";

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
      worker = createWorker({ store: storeOf(process), config: this.load(process), options: { ...settings, graceMs: 3_000 } });
      void worker.start().catch(() => {});
    });
    return { stop: () => void worker?.stop().then(() => process.kill()) };
  }

  /** Starts a run from a process outside of all workers, and asks again until it is started. */
  start(agent: AgentName, errand: Errand): void {
    const process = (this.starter ??= new Process("starter", "starter", this.world));
    const attempt = async (): Promise<void> => {
      try {
        await say("startRun", "transaction", [{ app: APP, agent, input: errand, invocationId: errand.name, startedBy: "sdk:town", labels: { town: "simulated" } }]);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 200));
        await attempt();
      }
    };
    process.after(0, () => void attempt());
  }

  private load(process: Process): TapeConfig {
    const tools = toolsOf(clientOf(this.bank, process));
    const { tape } = tools;
    const agents = agentsOf(tools, modelsOf(this.models, process));
    tape.onTimer("remind", (timer) => this.hooks.reminded(timer));
    tape.use(storeOf(process));
    return defineConfig({ tape, agents: agents as readonly AgentDefinition[] });
  }
}
