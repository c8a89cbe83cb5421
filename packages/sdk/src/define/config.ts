import { TapeError } from "@tape/core";
import { z } from "zod";
import { aFunction, anAgent, checked } from "../given.ts";
import type { Tape } from "../tape.ts";
import type { AgentDefinition } from "./agent.ts";
import type { Connector } from "./connector.ts";
import { checkRetention, type RetentionOptions } from "./retention.ts";
import { checkSinks, type Sink } from "./sink.ts";

/** What `tape.config.ts` exports: what a worker loads. Tools, their compensators and handlers of timers are known by the tape they were defined on. */
export interface TapeConfig {
  readonly tape: Tape;
  readonly agents: readonly AgentDefinition[];
  /** What outbox tools are sent by, besides those that a tool was given itself. */
  readonly connectors?: readonly Connector[];
  /** Who is told what all runs record: `webhookSink`, or one of your own. */
  readonly sinks?: readonly Sink[];
  /** What becomes of old runs. Default: everything stays. */
  readonly retention?: RetentionOptions;
}

const configuration = z.object({
  tape: z.object({ app: z.string(), addConnector: aFunction }),
  agents: z.array(anAgent),
  connectors: z.array(z.object({ kind: z.literal("connector") })).optional(),
  sinks: z.array(z.object({})).optional(),
  retention: z.object({}).optional(),
});

/**
 * `export default defineConfig({ tape, agents: [payBatch] })`
 *
 * @throws {TapeError} `invalid_input` naming the sink, the option, or the outbox tool whose connector is missing
 */
export function defineConfig(config: TapeConfig): TapeConfig {
  checked("defineConfig", configuration, config);
  const { tape, connectors = [] } = config;
  for (const connector of connectors) tape.addConnector(connector);
  for (const { name, connector } of tape.outbox.values()) {
    if (!tape.connectors.has(connector)) throw new TapeError("invalid_input", `${name} is sent by the connector ${connector}, which is not among connectors: nobody would send it`);
  }
  checkSinks(config.sinks ?? []);
  checkRetention(config.retention ?? {});
  return config;
}
