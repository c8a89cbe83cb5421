import { sendSignal } from "@tape/store";
import { z } from "zod";
import type { Connection } from "../connect.ts";
import { checked } from "../given.ts";
import { ask } from "./step.ts";
import { idOf, type RunTarget } from "./target.ts";

export interface SignalOptions {
  /** From this sender, the same key again is the same signal. In agent code the step is the key, and nothing needs to be said. */
  idempotencyKey?: string;
}

const signalOptions = z.object({ idempotencyKey: z.string().optional() });

export function sendSignalOperation(app: string, { store }: Connection) {
  return (target: RunTarget, name: string, payload?: unknown, options: SignalOptions = {}): Promise<{ signalId: string }> => {
    const runId = idOf(target);
    checked("sendSignal: the name", z.string(), name);
    const { idempotencyKey } = checked("sendSignal", signalOptions, options);
    return ask(app, {
      kind: "sent",
      name,
      given: { runId, name, payload },
      act: async ({ by, step }) => {
        const { signalId } = await sendSignal(await store(), { runId, name, payload, by, idempotencyKey: idempotencyKey ?? step?.key });
        return { signalId };
      },
      record: ({ signalId }, step) => ({ kind: "signal", verb: "sent", payload: { ...step, toRunId: runId, name, signalId } }),
    });
  };
}
