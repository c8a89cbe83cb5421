import { TapeError } from "@tape/core";
import type { Store } from "@tape/store";
import { defineAgent, type AgentDefinition, type AgentOptions } from "./define/agent.ts";
import { compensatorOf, compensatorOfConnector, type NamedCompensator } from "./define/compensator.ts";
import type { Connector } from "./define/connector.ts";
import { defineEffect, type Compensator, type Effect, type EffectBody, type EffectDefinition, type EffectOptions } from "./define/effect.ts";
import { defineGate, type GateOptions, type GateTool } from "./define/gate.ts";
import { checkName } from "./define/name.ts";
import { defineOutbox, type Behind, type OutboxBody, type OutboxDefinition, type OutboxOptions, type OutboxTool } from "./define/outbox.ts";
import { checkHandledKind, type TimerHandler } from "./define/timer.ts";
import { operationsOf, type Operations } from "./operations/index.ts";
import type { Run } from "./run.ts";
import { z } from "zod";
import { connect } from "./connect.ts";
import { aFunction, checked } from "./given.ts";

export interface TapeOptions {
  /** The application: runs are unique by `(app, invocationId)`. */
  app: string;
  /** Default: `DATABASE_URL`, else the embedded PostgreSQL of this project (`.tape/postgres.json`). */
  databaseUrl?: string;
}

/** One application's agents and tools, and what can be done with its runs. */
export interface Tape extends Operations {
  readonly app: string;
  /** Tools by name: what a worker's reconciler asks for their status checks. */
  readonly tools: ReadonlyMap<string, EffectDefinition>;
  /** Outbox tools by name. */
  readonly outbox: ReadonlyMap<string, OutboxDefinition>;
  /** Connectors by name: what a worker's outbox sends with. */
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Compensators by the name that obligations keep: what a worker's walk runs. */
  readonly compensators: ReadonlyMap<string, Compensator<unknown, unknown>>;
  /** Handlers by kind of timer. */
  readonly timerHandlers: ReadonlyMap<string, TimerHandler>;

  /** Defines an agent. Its name is how runs find its code on every worker, so keep it. */
  agent<Input = unknown, Output = unknown>(name: string, code: (run: Run, input: Input) => Promise<Output>): AgentDefinition<Input, Output>;
  agent<Input = unknown, Output = unknown>(name: string, options: AgentOptions<Input>, code: (run: Run, input: Input) => Promise<Output>): AgentDefinition<Input, Output>;

  /**
   * Defines a tool. The intent is committed before the body runs; a confirmed result is handed back on every later
   * drive without running it again.
   *
   * @throws {TapeError} `invalid_input` for a second tool of the same name, or NON_IDEMPOTENT
   */
  effect<Input = unknown, Result = unknown>(name: string, body: EffectBody<Input, Result>): Effect<Input, Result>;
  effect<Input = unknown, Result = unknown>(name: string, options: EffectOptions<Input, Result>, body: EffectBody<Input, Result>): Effect<Input, Result>;

  /**
   * Defines a tool that a connector performs: the body makes the intent and nothing else; it is committed, a worker's
   * outbox sends it, and the run goes on with the outcome, or at once with `waitForResult: false`.
   *
   * @throws {TapeError} `invalid_input` for a second tool of the same name, one without a connector, and NON_IDEMPOTENT
   *   that nobody could ever settle or take back
   */
  outboxTool<Input = unknown, Intent = unknown>(
    name: string,
    options: OutboxOptions<Input, Intent, unknown> & { waitForResult: false },
    body: OutboxBody<Input, Intent>,
  ): OutboxTool<Input, { effectId: string }>;
  outboxTool<Input = unknown, Result = unknown, Intent = unknown>(name: string, options: OutboxOptions<Input, Intent, Result>, body: OutboxBody<Input, Intent>): OutboxTool<Input, Result>;

  /**
   * Makes a connector known to this tape's outbox. `defineConfig({ connectors })` does it for each, and `outboxTool` for
   * one that it is given.
   *
   * @throws {TapeError} `invalid_input` for another connector of the same name
   */
  addConnector(connector: Connector): void;

  /** Defines a question to people. */
  gateTool<Payload = unknown>(name: string, options?: GateOptions<Payload>): GateTool<Payload>;

  /**
   * Handles timers of a kind: `redrive` (before the run is driven again), `reconcile` (before it is asked after), or one
   * of your own. See {@link TimerHandler}.
   *
   * @throws {TapeError} `invalid_input` for a second handler of a kind, or a kind that Tape handles itself
   */
  onTimer(kind: string, handler: TimerHandler): void;

  /** The store the operations use: opened on first use. */
  store(): Promise<Store>;
  /** Uses a store that is already open, and leaves closing it to its owner. */
  use(store: Store): void;
  /** Ends whatever watches or waits, and closes the store this tape opened. A process that only starts runs calls it to be able to exit. */
  close(): Promise<void>;
}

export function createTape(options: TapeOptions): Tape {
  checked("createTape", z.object({ databaseUrl: z.string().optional() }), options);
  const app = checkName("app", options.app);
  const tools = new Map<string, EffectDefinition>();
  const compensators = new Map<string, NamedCompensator>();
  const outbox = new Map<string, OutboxDefinition>();
  const connectors = new Map<string, Connector>();
  const byConnector = new Map<string, NamedCompensator>();
  const timerHandlers = new Map<string, TimerHandler>();
  const connection = connect(options.databaseUrl);

  function effect<Input, Result>(name: string, given: EffectOptions<Input, Result> | EffectBody<Input, Result>, body?: EffectBody<Input, Result>): Effect<Input, Result> {
    const [effectOptions, code] = typeof given === "function" ? [{}, given] : [given, body];
    checkUnused("effect", checkName("effect", name));
    const defined = defineEffect(app, name, effectOptions, code as EffectBody<Input, Result>);
    const definition = defined.definition as unknown as EffectDefinition;
    const compensator = compensatorOf(definition);
    if (compensator) keepCompensator(compensator);
    tools.set(name, definition);
    return defined;
  }

  function checkUnused(what: string, name: string): void {
    if (tools.has(name) || outbox.has(name)) throw new TapeError("invalid_input", `${what} ${name} is defined twice; a name stands for one tool`);
  }

  const behind: Behind = { store: () => connection.store(), compensatorOf: (connector) => byConnector.get(connector) };

  function outboxTool<Input, Result, Intent>(name: string, given: OutboxOptions<Input, Intent, Result>, body: OutboxBody<Input, Intent>): OutboxTool<Input, Result> {
    checkUnused("outbox tool", checkName("outbox tool", name));
    if (typeof body !== "function") throw new TapeError("invalid_input", `outbox tool ${name} has no body: it makes the intent`);
    const defined = defineOutbox<Input, Intent, Result>(app, name, given, body, behind);
    if (typeof given.connector !== "string") addConnector(given.connector);
    const own = compensatorOf(defined.definition);
    if (own) keepCompensator(own as unknown as NamedCompensator);
    outbox.set(name, defined.definition as unknown as OutboxDefinition);
    return defined as unknown as OutboxTool<Input, Result>;
  }

  function addConnector(connector: Connector): void {
    checked("addConnector", z.object({ kind: z.literal("connector"), name: z.string() }), connector);
    const known = connectors.get(connector.name);
    if (known === connector) return;
    if (known) throw new TapeError("invalid_input", `connector ${connector.name} is defined twice; intents find theirs by its name`);
    const compensator = compensatorOfConnector(connector);
    if (compensator) {
      keepCompensator(compensator);
      byConnector.set(connector.name, compensator);
    }
    connectors.set(connector.name, connector);
  }

  /** Several tools may share one compensator; one name may not stand for two. */
  function keepCompensator(compensator: NamedCompensator): void {
    const known = compensators.get(compensator.name);
    if (known && known.run !== compensator.run) throw new TapeError("invalid_input", `compensator ${compensator.name} is defined twice; obligations find theirs by its name`);
    compensators.set(compensator.name, compensator);
  }

  function onTimer(kind: string, handler: TimerHandler): void {
    if (timerHandlers.has(checkHandledKind(kind))) throw new TapeError("invalid_input", `timers of the kind ${kind} have a handler already`);
    timerHandlers.set(kind, checked(`the handler of ${kind}`, aFunction, handler));
  }

  function agent<Input, Output>(
    name: string,
    given: AgentOptions<Input> | ((run: Run, input: Input) => Promise<Output>),
    code?: (run: Run, input: Input) => Promise<Output>,
  ): AgentDefinition<Input, Output> {
    const [agentOptions, run] = typeof given === "function" ? [{}, given] : [given, code];
    return defineAgent(app, name, agentOptions, run as (run: Run, input: Input) => Promise<Output>);
  }

  return {
    app,
    tools,
    outbox,
    connectors,
    compensators,
    timerHandlers,
    onTimer,
    agent,
    effect,
    outboxTool,
    addConnector,
    gateTool: (name, gateOptions = {}) => defineGate(app, name, gateOptions),
    store: connection.store,
    use: (store) => connection.use(checked("use", z.object({ pool: z.object({}), connectionString: z.string() }), store)),
    close: connection.close,
    ...operationsOf(app, connection),
  };
}
