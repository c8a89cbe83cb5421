import { TapeError } from "@tape/core";
import { refuseInBody } from "../context.ts";
import type { Run } from "../run.ts";
import type { Drive } from "./drive.ts";
import type { Scope } from "./key.ts";
import type { StepSpec } from "./step.ts";

/** What stands behind a run object; agent authors never see it. */
interface Asking {
  drive: Drive;
  scope: Scope;
}

const asking = new WeakMap<Run, Asking>();

export function bindRun(run: Run, behind: Asking): void {
  asking.set(run, behind);
}

/**
 * Asks a step of the run that `run` stands for.
 * @throws {TapeError} `nested_step` inside a body; `invalid_input` when `run` is not the one that agent code was given
 */
export function askStep<T>(run: Run, step: StepSpec): Promise<T> {
  try {
    refuseInBody(`${step.kind} ${step.name}`);
    const known = asking.get(run);
    if (!known) throw new TapeError("invalid_input", `${step.name}: pass the run that your agent was given as the first argument`);
    return known.drive.ask(known.scope, step) as Promise<T>;
  } catch (error) {
    return refused(error);
  }
}

/**
 * The right under which code of this run writes: what a body writes at once is refused when the lease is not this any more.
 * @throws {TapeError} `invalid_input` when `run` is not one that agent code was given
 */
export function fenceOf(run: Run): { runId: string; owner: string; epoch: number } {
  const known = asking.get(run);
  if (!known) throw new TapeError("invalid_input", "pass the run that your agent was given");
  const { runId, owner, epoch } = known.drive;
  return { runId, owner, epoch };
}

/** A step that was never begun. A branch that nobody awaits may be refused; that must not end the process. */
export function refused(error: unknown): Promise<never> {
  const answer = Promise.reject(error as Error);
  answer.catch(() => {});
  return answer;
}

/** A call whose arguments are refused by its promise, like everything else that is wrong with it. */
export function promised<Call extends (...args: never[]) => Promise<unknown>>(call: Call): Call {
  const calling = (...args: Parameters<Call>): Promise<unknown> => {
    try {
      return call(...args);
    } catch (error) {
      return refused(error);
    }
  };
  return calling as Call;
}
