import { TapeError } from "@tape/core";
import { z } from "zod";
import { aFunction, checked } from "./given.ts";
import { refuseInBody, withRun } from "./context.ts";
import { askStep, bindRun, promised } from "./drive/asking.ts";
import { checkName } from "./define/name.ts";
import type { EffectBody, EffectOptions } from "./define/effect.ts";
import { defineEffect } from "./define/effect.ts";
import type { Drive } from "./drive/drive.ts";
import type { Scope } from "./drive/key.ts";
import { beginDecision, decisionStep, type BegunDecision, type DecideRequest } from "./steps/decision.ts";
import { beginEffect, type BegunEffect } from "./steps/begin-effect.ts";
import { sleepStep } from "./steps/sleep.ts";

/** What agent code is given: the run it is part of. Everything it asks here is journaled, and replayed on a re-drive. */
export interface Run {
  readonly id: string;
  readonly app: string;
  readonly agent: string;
  /** Aborted when the run is cancelled, its lease is lost or its worker stops. */
  readonly signal: AbortSignal;

  /**
   * Asks a model. The question is committed before the call, the answer after it; a recorded answer is handed back
   * without a call. A call whose answer was lost is made again, and shown as such.
   *
   * @param name what is decided, in a word
   * @throws {StepFailed} what `call` threw, on every drive
   */
  decide<Response>(name: string, request: DecideRequest<Response>, call: () => Promise<Response> | Response): Promise<Response>;

  /**
   * A tool defined on the spot. See `tape.effect`. It has no compensator: one must be found again after a crash, so define
   * what can be undone with `tape.effect`.
   */
  effect<Input, Result>(name: string, input: Input, body: EffectBody<Input, Result>, options?: SpotOptions<Input, Result>): Promise<Result>;

  /** Waits by the database's clock, over crashes and restarts. Milliseconds, or the instant to wait for. */
  sleep(until: number | Date): Promise<void>;

  /**
   * Steps inside count for themselves: use one per branch of a `Promise.all` whose order may differ from drive to drive.
   * The same name again is another scope.
   */
  scope<T>(name: string, code: (run: Run) => Promise<T>): Promise<T>;

  /** The split form of `effect`, for frameworks with hooks before and after a tool call. */
  beginEffect<Result = unknown>(name: string, input: unknown, options?: Pick<EffectOptions<unknown, Result>, "semantics" | "summary">): Promise<BegunEffect<Result>>;

  /** The split form of `decide`, for frameworks with hooks before and after a model call. */
  beginDecision<Response = unknown>(name: string, request: DecideRequest<Response>): Promise<BegunDecision<Response>>;
}

export type SpotOptions<Input, Result> = Omit<EffectOptions<Input, Result>, "compensate">;

function checkSpot<Input, Result>(name: string, options: EffectOptions<Input, Result>): EffectOptions<Input, Result> {
  checked("an effect on the spot", z.object({}), options);
  if (options.compensate) throw new TapeError("invalid_input", `${checkName("effect", name)}: a tool defined on the spot has no compensator; define it with tape.effect`);
  return options;
}

export function createRun(drive: Drive, scope: Scope): Run {
  const { app, agent } = drive;
  const run: Run = {
    id: drive.runId,
    app,
    agent,
    signal: drive.signal,
    decide: promised((name, request, call) => askStep(run, decisionStep(checkName("decision", name), request, checked(`decision ${name}: the call`, aFunction, call)))),
    effect: promised((name, input, body, options = {}) => defineEffect(app, name, checkSpot(name, options), body)(run, input)),
    sleep: promised((until) => askStep(run, sleepStep(until))),
    scope: async (name, code) => {
      checked("scope", z.object({ name: z.string(), code: aFunction }), { name, code });
      refuseInBody(`scope ${name}`);
      const inner = createRun(drive, scope.open(name));
      return withRun(inner, () => code(inner));
    },
    beginEffect: promised((name, input, options = {}) => beginEffect(run, checkName("effect", name), input, options)),
    beginDecision: promised((name, request) => beginDecision(run, checkName("decision", name), request)),
  };
  bindRun(run, { drive, scope });
  return run;
}
