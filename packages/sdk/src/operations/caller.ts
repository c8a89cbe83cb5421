import { fingerprint } from "@tape/store";
import { currentRun, isInAgentCode } from "../context.ts";
import { fenceOf } from "../drive/asking.ts";
import type { Run } from "../run.ts";

/** The right to write for a run: refused by the store once another driver has it, or the run has left its driver. */
export type Fence = ReturnType<typeof fenceOf>;

/** Who asks for an operation, and from where. */
export interface Caller {
  /** As journals, values and the audit log say it: `run:<id>` from agent code and bodies, else `sdk:<app>`. */
  readonly by: string;
  /** In agent code and in bodies: what can be fenced is written under the run's lease. */
  readonly fence?: Fence;
  /** In agent code. What is begun twice under a step's key, over a crash, must come to one act: see {@link nameOfStep}. */
  readonly step?: { readonly runId: string; readonly key: string; readonly signal: AbortSignal };
}

/** What is named by a caller has at most so many characters. */
const LONGEST_NAME = 200;

/** A step's key as the name of what it does. One that is too long for a name, by the scopes around it, is told by its hash. */
export function nameOfStep(runId: string, key: string): string {
  return key.length <= LONGEST_NAME ? key : `${runId}/${fingerprint(key)}`;
}

/** The run whose agent code asks, where an operation is a step; null in a body and outside of a run. */
export function askingRun(): Run | null {
  return isInAgentCode() ? currentRun() : null;
}

/** Who asks when it is not agent code: a body acts for its run at once, anything else for its app. */
export function callerAtOnce(app: string): Caller {
  const run = currentRun();
  return run ? { by: `run:${run.id}`, fence: fenceOf(run) } : { by: `sdk:${app}` };
}

/** An actor of the store's verbs for people and machines. */
export function actorOf({ by }: Caller) {
  return { id: by, email: null, role: "operator" } as const;
}
