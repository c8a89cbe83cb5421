import type { Tape } from "../tape.ts";
import type { AgentDefinition } from "./agent.ts";
import { checkRetention, type RetentionOptions } from "./retention.ts";
import { checkSinks, type Sink } from "./sink.ts";

/** What `tape.config.ts` exports: what a worker loads. Tools, their compensators and handlers of timers are known by the tape they were defined on. */
export interface TapeConfig {
  readonly tape: Tape;
  readonly agents: readonly AgentDefinition[];
  /** Who is told what all runs record: `webhookSink`, or one of your own. */
  readonly sinks?: readonly Sink[];
  /** What becomes of old runs. Default: everything stays. */
  readonly retention?: RetentionOptions;
}

/**
 * `export default defineConfig({ tape, agents: [payBatch] })`
 *
 * @throws {TapeError} `invalid_input` naming the sink or the option
 */
export function defineConfig(config: TapeConfig): TapeConfig {
  checkSinks(config.sinks ?? []);
  checkRetention(config.retention ?? {});
  return config;
}
