import type { Tape } from "../tape.ts";
import type { AgentDefinition } from "./agent.ts";

/** What `tape.config.ts` exports: what a worker loads. Tools, their compensators and handlers of timers are known by the tape they were defined on. */
export interface TapeConfig {
  readonly tape: Tape;
  readonly agents: readonly AgentDefinition[];
}

/** `export default defineConfig({ tape, agents: [payBatch] })` */
export function defineConfig(config: TapeConfig): TapeConfig {
  return config;
}
