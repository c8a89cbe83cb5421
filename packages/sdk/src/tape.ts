import { TapeError } from "@tape/core";
import type { Store } from "@tape/store";
import { defineAgent, type AgentDefinition, type AgentOptions } from "./define/agent.ts";
import { compensatorOf, type NamedCompensator } from "./define/compensator.ts";
import { defineEffect, type Compensator, type Effect, type EffectBody, type EffectDefinition, type EffectOptions } from "./define/effect.ts";
import { defineGate, type GateOptions, type GateTool } from "./define/gate.ts";
import { checkName } from "./define/name.ts";
import { checkHandledKind, type TimerHandler } from "./define/timer.ts";
import { operationsOf, type Operations } from "./operations/index.ts";
import type { Run } from "./run.ts";
import { connect } from "./connect.ts";

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
  const app = checkName("app", options.app);
  const tools = new Map<string, EffectDefinition>();
  const compensators = new Map<string, NamedCompensator>();
  const timerHandlers = new Map<string, TimerHandler>();
  const connection = connect(options.databaseUrl);

  function effect<Input, Result>(name: string, given: EffectOptions<Input, Result> | EffectBody<Input, Result>, body?: EffectBody<Input, Result>): Effect<Input, Result> {
    const [effectOptions, code] = typeof given === "function" ? [{}, given] : [given, body];
    if (!code) throw new TapeError("invalid_input", `effect ${name} has no body`);
    if (tools.has(name)) throw new TapeError("invalid_input", `effect ${name} is defined twice; a name stands for one tool`);
    const defined = defineEffect(app, name, effectOptions, code);
    const definition = defined.definition as unknown as EffectDefinition;
    const compensator = compensatorOf(definition);
    if (compensator) keepCompensator(compensator);
    tools.set(name, definition);
    return defined;
  }

  /** Several tools may share one compensator; one name may not stand for two. */
  function keepCompensator(compensator: NamedCompensator): void {
    const known = compensators.get(compensator.name);
    if (known && known.run !== compensator.run) throw new TapeError("invalid_input", `compensator ${compensator.name} is defined twice; obligations find theirs by its name`);
    compensators.set(compensator.name, compensator);
  }

  function onTimer(kind: string, handler: TimerHandler): void {
    if (timerHandlers.has(checkHandledKind(kind))) throw new TapeError("invalid_input", `timers of the kind ${kind} have a handler already`);
    timerHandlers.set(kind, handler);
  }

  function agent<Input, Output>(
    name: string,
    given: AgentOptions<Input> | ((run: Run, input: Input) => Promise<Output>),
    code?: (run: Run, input: Input) => Promise<Output>,
  ): AgentDefinition<Input, Output> {
    const [agentOptions, run] = typeof given === "function" ? [{}, given] : [given, code];
    if (!run) throw new TapeError("invalid_input", `agent ${name} has no code`);
    return defineAgent(app, name, agentOptions, run);
  }

  return {
    app,
    tools,
    compensators,
    timerHandlers,
    onTimer,
    agent,
    effect,
    gateTool: (name, gateOptions = {}) => defineGate(app, name, gateOptions),
    store: connection.store,
    use: connection.use,
    close: connection.close,
    ...operationsOf(app, connection),
  };
}
