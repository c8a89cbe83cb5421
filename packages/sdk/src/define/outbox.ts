import { TapeError, type Semantics } from "@tape/core";
import type { Store } from "@tape/store";
import { z } from "zod";
import { aFunction, aGate, checked } from "../given.ts";
import type { Run } from "../run.ts";
import { askGated } from "../steps/gated.ts";
import { askOutbox } from "../steps/outbox.ts";
import { compensatorOf, type NamedCompensator } from "./compensator.ts";
import type { Connector } from "./connector.ts";
import { aCompensator, type BodyContext, type Compensator, type StatusCheckResult } from "./effect.ts";
import type { GateTool } from "./gate.ts";
import { checkName } from "./name.ts";

export interface OutboxOptions<Input, Intent, Result> {
  /** What sends it: the connector, or its name in `defineConfig({ connectors })`. */
  connector: Connector | string;
  /** IDEMPOTENT (default): safe to send again under its key. NON_IDEMPOTENT: never sent twice without an observation or a person's word. */
  semantics?: Extract<Semantics, "IDEMPOTENT" | "NON_IDEMPOTENT">;
  /**
   * The identity of the logical operation (an invoice's number), unique per connector across all runs: a second run that
   * asks for it gets `BusinessKeyTaken`, with the run that has it. Free again when the effect failed.
   */
  businessKey?(input: Input): string;
  /** What takes it back. Default: the connector's `compensate`, if it has one. */
  compensate?: Compensator<Intent, Result> | Compensator<Intent, Result>["run"];
  /** Asks the counterparty about this key. Default: the connector's `observe`, if it has one. */
  statusCheck?(ctx: Pick<BodyContext, "runId" | "key" | "signal" | "attempt">, intent: Intent): Promise<StatusCheckResult<Result>>;
  /** One sentence of what it does (`result` absent) or did. */
  summary?(intent: Intent, result?: Result): string;
  /** Asked before each call, with the call's arguments as its payload: what people saw and approved is what is sent. */
  gate?: GateTool<Input>;
  /** False: the code goes on with `{ effectId }` once the intent is committed, and the effect may outlive its run. Default true. */
  waitForResult?: boolean;
}

/** Makes the intent of its arguments: what the connector is given, and nothing else. It must be pure. */
export type OutboxBody<Input, Intent> = (input: Input) => Intent | Promise<Intent>;

export interface OutboxDefinition<Input = unknown, Intent = unknown, Result = unknown> {
  readonly kind: "outbox";
  readonly app: string;
  readonly name: string;
  readonly semantics: Extract<Semantics, "IDEMPOTENT" | "NON_IDEMPOTENT">;
  /** By name. */
  readonly connector: string;
  readonly waitsForResult: boolean;
  readonly options: OutboxOptions<Input, Intent, Result>;
  readonly body: OutboxBody<Input, Intent>;
  /** Its own, else its connector's. */
  compensator(): NamedCompensator<Intent, Result> | undefined;
}

/** A tool whose intent is committed by the run and sent by a worker's outbox. */
export interface OutboxTool<Input, Result> {
  (run: Run, input: Input): Promise<Result>;
  readonly definition: Pick<OutboxDefinition, "kind" | "app" | "name" | "semantics" | "connector" | "waitsForResult">;
}

/** What an outbox tool needs of its tape. */
export interface Behind {
  store(): Promise<Store>;
  /** The compensator of a connector, by the connector's name. */
  compensatorOf(connector: string): NamedCompensator | undefined;
}

const outboxOptions = z.object({
  semantics: z.enum(["IDEMPOTENT", "NON_IDEMPOTENT", "OBSERVE_ONLY"]).optional(),
  businessKey: aFunction.optional(),
  compensate: aCompensator.optional(),
  statusCheck: aFunction.optional(),
  summary: aFunction.optional(),
  gate: aGate.optional(),
  waitForResult: z.boolean().optional(),
});

/** @throws {TapeError} `invalid_input` without a connector, and for NON_IDEMPOTENT that nobody could ever settle or take back */
export function defineOutbox<Input, Intent, Result>(
  app: string,
  name: string,
  options: OutboxOptions<Input, Intent, Result>,
  body: OutboxBody<Input, Intent>,
  behind: Behind,
): OutboxTool<Input, Result> & { definition: OutboxDefinition<Input, Intent, Result> } {
  checkName("outbox tool", name);
  checked(`outbox tool ${name}`, outboxOptions, options);
  const semantics = options.semantics ?? "IDEMPOTENT";
  check(name, semantics, options);
  const connector = typeof options.connector === "string" ? checkName("connector", options.connector) : options.connector.name;
  const definition: OutboxDefinition<Input, Intent, Result> = {
    kind: "outbox",
    app,
    name,
    semantics,
    connector,
    waitsForResult: options.waitForResult ?? true,
    options,
    body,
    compensator: () => compensatorOf(definition) ?? (behind.compensatorOf(connector) as NamedCompensator<Intent, Result> | undefined),
  };
  const ask = (run: Run, input: Input, gateId?: string) => askOutbox<Input, Intent, Result>(run, { tool: definition, behind, input, gateId });
  const { gate } = options;
  const call = (run: Run, input: Input) => (gate ? askGated(run, name, gate, input, (kept, gateId) => ask(run, kept, gateId)) : ask(run, input));
  return Object.assign(call, { definition });
}

function check<Input, Intent, Result>(name: string, semantics: Semantics, { connector, businessKey, statusCheck, compensate }: OutboxOptions<Input, Intent, Result>): void {
  const refuse = (what: string): never => {
    throw new TapeError("invalid_input", `${name}: ${what}`);
  };
  if (typeof connector !== "string" && connector?.kind !== "connector") refuse("an outbox tool needs a connector: one made by defineConnector or httpConnector, or its name");
  if (semantics === "OBSERVE_ONLY") refuse("OBSERVE_ONLY changes nothing: read with tape.effect");
  const adapter = typeof connector === "string" ? undefined : connector;
  if (semantics === "NON_IDEMPOTENT" && !businessKey && !statusCheck && !compensate && !adapter?.observe && !adapter?.compensate) {
    refuse("NON_IDEMPOTENT needs at least one of businessKey, statusCheck or compensate, or the connector itself (not its name) with observe or compensate: else nobody could tell whether it happened, or take it back");
  }
}
