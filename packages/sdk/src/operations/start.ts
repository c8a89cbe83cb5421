import { startRun } from "@tape/store";
import { z } from "zod";
import type { Connection } from "../connect.ts";
import type { AgentDefinition } from "../define/agent.ts";
import { refused } from "../drive/asking.ts";
import { anAgent, checked } from "../given.ts";
import type { cancelRunOperation } from "./cancel.ts";
import type { outcomeOperation } from "./outcome.ts";
import { ask } from "./step.ts";

export interface StartOptions {
  /** The caller's identity of this run: the same again finds the run (D36). Default: every call is a new run; in agent code the step is the identity. */
  invocationId?: string;
  labels?: Record<string, string>;
  /** Caps in integer millionths of a US dollar and in tokens. */
  budget?: { capMicroUsd?: number; capTokens?: number };
}

export interface RunHandle<Output> {
  readonly id: string;
  /** This invocation was started before; nothing new was. */
  readonly resumed: boolean;
  /**
   * The agent's output, once the run has ended. In agent code it is a step, and the run that waits stays with its worker:
   * for what takes hours, have the child send a signal and await that.
   *
   * @throws {RunCancelled} with the reason, for a cancelled run; also one that was compensated since
   * @throws {StepFailed} the recorded error of a FAILED run
   * @throws {TapeError} `unavailable` when the tape is closed first
   */
  outcome(): Promise<Output>;
  /** See `tape.cancelRun`. */
  cancel(options: { reason: string }): Promise<void>;
}

const startOptions = z.object({ invocationId: z.string().optional(), labels: z.object({}).optional(), budget: z.object({}).optional() });

interface OfHandle {
  outcome: ReturnType<typeof outcomeOperation>;
  cancel: ReturnType<typeof cancelRunOperation>;
}

export function startOperation(app: string, { store }: Connection, { outcome, cancel }: OfHandle) {
  return <Input, Output>(agent: AgentDefinition<Input, Output>, input: Input, options: StartOptions = {}): Promise<RunHandle<Output>> => {
    try {
      checked("start: the agent", anAgent, agent);
      checked("start", startOptions, options);
      agent.parse(input);
    } catch (error) {
      return refused(error);
    }
    const { name, pinVersion, version } = agent;
    const { labels, budget } = options;
    const pin = pinVersion && version !== null ? { pinVersion: version } : {};
    return ask<{ id: string; resumed: boolean }, RunHandle<Output>>(app, {
      kind: "child",
      name,
      given: { input, options },
      act: async ({ by, fence, step }) => {
        // The step's key is the child's identity: begun twice, it is one run.
        const invocationId = options.invocationId ?? step?.key;
        const { run, resumed } = await startRun(await store(), { app, agent: name, input, ...(labels && { labels }), ...(budget && { budget }), ...pin, invocationId, startedBy: by, ...(fence && { parentRunId: fence.runId }) });
        return { id: run.id, resumed };
      },
      record: ({ id: runId, resumed }, step) => ({ kind: "run", verb: "child", payload: { ...step, runId, agent: name, resumed } }),
      answer: (started) => ({ ...started, outcome: () => outcome<Output>(started.id), cancel: (why) => cancel(started.id, why) }),
    });
  };
}
