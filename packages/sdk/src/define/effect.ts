import { TapeError, type Money, type Semantics } from "@tape/core";
import { z } from "zod";
import { aFunction, aGate, checked, milliseconds } from "../given.ts";
import type { Run } from "../run.ts";
import { askEffect } from "../steps/effect.ts";
import { askGated } from "../steps/gated.ts";
import type { GateTool } from "./gate.ts";
import { checkName } from "./name.ts";

/** What every body that acts for a run is given: a tool's, and a compensator's. */
export interface BodyContext {
  readonly runId: string;
  /** Names the decision that caused the call (D2), and for a compensator which of its reversals this is (D21). The same on every try: pass it to the counterparty. */
  readonly key: string;
  /** Aborted when the run is cancelled, its lease is lost or its worker stops. Pass it to `fetch`. */
  readonly signal: AbortSignal;
  /** 1 for the first try; goes on over crashes. */
  readonly attempt: number;
  /**
   * Says that the body is alive: the lease of its run is renewed, at most once in a tenth of its TTL, so call it as often
   * as you like. In a cancelled run it renews too: the body may finish.
   *
   * @throws {LeaseLost} once another worker drives the run
   */
  heartbeat(): Promise<void>;
  /** Has the run been cancelled? Asks the database unless it is known already. Then `throw new RunCancelled()` if nothing was done. */
  isCancelled(): Promise<boolean>;
}

/** What a tool body is given. */
export interface EffectContext extends BodyContext {
  /** Notes the counterparty's own reference; it is stored with the outcome. */
  setExternalRef(ref: string): void;
}

export interface RetryPolicy {
  /** Tries in all, the first included; at least 1. */
  attempts: number;
  /** Before the second try. Default 1,000. */
  firstDelayMs?: number;
  /** Each delay is the one before times this. Default 2. */
  factor?: number;
  /** Default 60,000. A delay over 5 s parks the run, and a timer wakes it. */
  maxDelayMs?: number;
  /**
   * Up to this share of each delay is taken off, so that what failed together is not tried again together: 0 to 1.
   * Which part is decided by the call's key and the attempt, so that it is the same on every drive. Default 0.
   */
  jitter?: number;
  /** Default: everything but AckLost and RunCancelled. */
  retryIf?(error: unknown): boolean;
}

/** What a counterparty says of an effect that may have happened. */
export type StatusCheckResult<Result> =
  | { status: "confirmed"; result: Result; externalRef?: string }
  | { status: "failed"; error: string }
  | { status: "absent" }
  | { status: "inconclusive" };

/** The inverse of a confirmed effect. Dormant until somebody asks to compensate the run. */
export interface Compensator<Input, Result> {
  /** Default `<tool>/undo`. */
  name?: string;
  /** One sentence of what undoing will do, for the plan. */
  summary?(result: Result, input: Input): string;
  /** What moves back, for the plan's sums. Default: the money the result speaks of, else the arguments. */
  amount?(result: Result, input: Input): Money;
  /**
   * Takes the effect back. Must be idempotent under `ctx.key`: it is run again after a crash. What it throws is an
   * attempt; after five, or a `CompensationFailed`, the obligation is STUCK and a person decides.
   *
   * Of an outbox tool's effect, `input` is its intent, and `externalRef` the counterparty's reference where it is known.
   * `copy`: it was seen more than once there, and this extra copy alone is taken back; `result` is that of the one that stands.
   */
  run(ctx: BodyContext, effect: { input: Input; result: Result; externalRef?: string; copy?: { ref: string } }): Promise<unknown>;
}

export interface EffectOptions<Input, Result> {
  /** IDEMPOTENT (default): safe to send again under its key. OBSERVE_ONLY: reads, changes nothing. NON_IDEMPOTENT needs an outbox tool. */
  semantics?: Semantics;
  retry?: RetryPolicy;
  /** Asks the counterparty about this key. Without it, an IDEMPOTENT effect whose outcome is not known is sent again. */
  statusCheck?(ctx: Pick<BodyContext, "runId" | "key" | "signal" | "attempt">, input: Input): Promise<StatusCheckResult<Result>>;
  /** One sentence of what it does (`result` absent) or did: what people read in the timeline. */
  summary?(input: Input, result?: Result): string;
  compensate?: Compensator<Input, Result> | Compensator<Input, Result>["run"];
  /**
   * Renews the lease while the body runs, so that a long one need not call `heartbeat`; for at most `maxRuntimeMs`, after
   * which a body that still runs is taken for hung: its lease runs out, and another worker takes the run over. Default false.
   */
  autoHeartbeat?: boolean;
  /** With `autoHeartbeat`: the longest a body may take (ms). Required with it, because a body that hangs would keep its run for ever. */
  maxRuntimeMs?: number;
  /**
   * Asked before each call, with the call's arguments as its payload: what people saw and approved is what is done, to
   * the letter, and the intent names their decision. A rejection or a timeout is thrown to the caller, and nothing is done.
   */
  gate?: GateTool<Input>;
}

export type EffectBody<Input, Result> = (ctx: EffectContext, input: Input) => Promise<Result> | Result;

export interface EffectDefinition<Input = unknown, Result = unknown> {
  readonly kind: "effect";
  readonly app: string;
  readonly name: string;
  readonly semantics: Semantics;
  readonly options: EffectOptions<Input, Result>;
  readonly body: EffectBody<Input, Result>;
}

/** A tool: call it with the run and its arguments. The outcome is the same on every drive. */
export interface Effect<Input, Result> {
  (run: Run, input: Input): Promise<Result>;
  readonly definition: EffectDefinition<Input, Result>;
}

/** What takes an effect back: a function, or one with a name and words. */
export const aCompensator = z.union([
  aFunction,
  z.object({ name: z.string().optional(), summary: aFunction.optional(), amount: aFunction.optional(), run: aFunction }),
]);

const effectOptions = z.object({
  semantics: z.enum(["IDEMPOTENT", "NON_IDEMPOTENT", "OBSERVE_ONLY"]).optional(),
  retry: z.object({ firstDelayMs: milliseconds.optional(), factor: z.number().optional(), maxDelayMs: milliseconds.optional(), retryIf: aFunction.optional() }).optional(),
  statusCheck: aFunction.optional(),
  summary: aFunction.optional(),
  compensate: aCompensator.optional(),
  autoHeartbeat: z.boolean().optional(),
  gate: aGate.optional(),
});

/** @throws {TapeError} `invalid_input` for NON_IDEMPOTENT: a crash between the act and its record could not be told apart from one before it. */
export function defineEffect<Input, Result>(
  app: string,
  name: string,
  options: EffectOptions<Input, Result>,
  body: EffectBody<Input, Result>,
): Effect<Input, Result> {
  checkName("effect", name);
  checked(`effect ${name}`, effectOptions, options);
  if (typeof body !== "function") throw new TapeError("invalid_input", `effect ${name} has no body`);
  const semantics = options.semantics ?? "IDEMPOTENT";
  if (semantics === "NON_IDEMPOTENT") {
    throw new TapeError("invalid_input", `${name}: NON_IDEMPOTENT cannot be INLINE; make it an outbox tool with a connector, or send its key and call it IDEMPOTENT`);
  }
  for (const option of ["businessKey", "connector"] as const) {
    if (option in options) throw new TapeError("invalid_input", `${name}: ${option} goes with an outbox tool; make it one with tape.outboxTool`);
  }
  if (semantics === "OBSERVE_ONLY" && options.compensate) throw new TapeError("invalid_input", `${name}: OBSERVE_ONLY changes nothing, so there is nothing to compensate`);
  if (options.retry && !(Number.isInteger(options.retry.attempts) && options.retry.attempts >= 1)) {
    throw new TapeError("invalid_input", `${name}: retry.attempts is a whole number of at least 1`);
  }
  if (options.retry?.jitter !== undefined && !(options.retry.jitter >= 0 && options.retry.jitter <= 1)) {
    throw new TapeError("invalid_input", `${name}: retry.jitter is a share, from 0 to 1`);
  }
  checkHeartbeat(name, options);
  const definition: EffectDefinition<Input, Result> = { kind: "effect", app, name, semantics, options, body };
  const { gate } = options;
  const call = (run: Run, input: Input) => (gate ? askGated(run, name, gate, input, (kept, gateId) => askEffect(run, definition, kept, gateId)) : askEffect(run, definition, input));
  return Object.assign(call, { definition });
}

function checkHeartbeat(name: string, { autoHeartbeat = false, maxRuntimeMs }: Pick<EffectOptions<never, never>, "autoHeartbeat" | "maxRuntimeMs">): void {
  if (!autoHeartbeat && maxRuntimeMs !== undefined) throw new TapeError("invalid_input", `${name}: maxRuntimeMs goes with autoHeartbeat: true`);
  if (autoHeartbeat && !(Number.isFinite(maxRuntimeMs) && maxRuntimeMs! > 0)) {
    throw new TapeError("invalid_input", `${name}: autoHeartbeat needs maxRuntimeMs, the longest its body may take in milliseconds`);
  }
}
