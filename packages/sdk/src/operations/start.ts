import type { Run as RunRecord } from "@tape/core";
import { getRun, listenForHints, startRun, type Store } from "@tape/store";
import { currentRun, isInAgentCode } from "../context.ts";
import type { AgentDefinition } from "../define/agent.ts";
import { fromRecorded } from "../error/index.ts";
import { askStep } from "../drive/asking.ts";
import type { LiveStep } from "../drive/step.ts";
import { keepArguments } from "../steps/arguments.ts";
import { giveRefusal, isRefusal } from "./refusal.ts";

export interface StartOptions {
  /** The caller's identity of this run: the same again finds the run (D36). Default: every call is a new run. */
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
   * The agent's output, once the run has ended.
   * @throws {StepFailed} the recorded error of a FAILED run, and one named `RunCancelled` for a cancelled one
   */
  outcome(): Promise<Output>;
}

/**
 * Starts a run. In agent code it is a step: recorded, and the same child on every drive.
 *
 * @throws {TapeError} `invalid_input` with the path of each field, `invocation_conflict` for an invocation with another input
 */
export function startOperation(app: string, open: () => Promise<Store>) {
  return async function start<Input, Output>(agent: AgentDefinition<Input, Output>, input: Input, options: StartOptions = {}): Promise<RunHandle<Output>> {
    agent.parse(input);
    const started = isInAgentCode() ? await startAsStep(app, open, agent, input, options) : await startNow(app, open, agent, input, options);
    return { ...started, outcome: async () => outcomeOf<Output>(await open(), started.id) };
  };
}

async function startNow(app: string, open: () => Promise<Store>, agent: AgentDefinition, input: unknown, options: StartOptions) {
  const { run, resumed } = await startRun(await open(), { app, agent: agent.name, input, ...options, ...pinOf(agent), startedBy: `sdk:${app}` });
  return { id: run.id, resumed };
}

function pinOf({ pinVersion, version }: AgentDefinition): { pinVersion?: string } {
  return pinVersion && version !== null ? { pinVersion: version } : {};
}

function startAsStep(app: string, open: () => Promise<Store>, agent: AgentDefinition, input: unknown, options: StartOptions) {
  const run = currentRun();
  if (!run) throw new Error("there is no run to start a child of");
  const { fingerprint } = keepArguments(`start ${agent.name}`, { input, options });
  const { name } = agent;
  const start = async (live: LiveStep): Promise<void> => {
    // The step's key is the child's identity: begun twice, it is one run.
    const child = await startRun(await open(), {
      app, agent: name, input, ...options, ...pinOf(agent),
      invocationId: options.invocationId ?? live.key, startedBy: `run:${run.id}`, parentRunId: run.id,
    });
    const value = { id: child.run.id, resumed: child.resumed };
    live.give({ ok: true, value }, [
      { happening: { kind: "run", verb: "child", payload: { key: live.key, fingerprint, runId: value.id, agent: name, resumed: value.resumed } } },
    ]);
  };
  return askStep<{ id: string; resumed: boolean }>(run, {
    kind: "child",
    name,
    fingerprint,
    mayChange: (recorded) => isRefusal(recorded, { name, fingerprint }),
    begin: (live) => live.perform(() => start(live).catch((error: unknown) => giveRefusal(live, { name, fingerprint }, error))),
  });
}

const POLL_MS = 1_000;

/** Waits for the end by hints, and by looking every second. */
async function outcomeOf<Output>(store: Store, id: string): Promise<Output> {
  let look: () => void = () => {};
  const { connectionString } = store;
  const listener = listenForHints({
    connectionString,
    onHints: (hints) => {
      if (hints.some((hint) => hint.on === "run" && hint.id === id)) look();
    },
    onResync: () => look(),
  });
  try {
    for (;;) {
      const run = await getRun(store, { id });
      if (run.endedAt !== null) return ended<Output>(run);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS);
        look = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    await listener.stop();
  }
}

function ended<Output>(run: RunRecord): Output {
  if (run.error) throw fromRecorded(run.error);
  if (run.status === "CANCELLED") throw fromRecorded({ name: "RunCancelled", message: run.cancelReason ?? "the run was cancelled" });
  return run.output as Output;
}
