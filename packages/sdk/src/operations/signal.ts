import { sendSignal, type Store } from "@tape/store";
import { currentRun, isInAgentCode } from "../context.ts";
import { askStep } from "../drive/asking.ts";
import type { LiveStep } from "../drive/step.ts";
import { keepArguments } from "../steps/arguments.ts";
import { giveRefusal, isRefusal } from "./refusal.ts";

/**
 * Sends a named message to a run; kept until it is awaited. In agent code it is a step: sent once.
 *
 * @param options.idempotencyKey the same key again is the same signal
 * @throws {TapeError} `not_found`, `illegal_transition` for a run that has ended, `invalid_input` for a reserved name
 */
export function sendSignalOperation(app: string, open: () => Promise<Store>) {
  return async (runId: string, name: string, payload?: unknown, options: { idempotencyKey?: string } = {}): Promise<{ signalId: string }> => {
    const run = isInAgentCode() ? currentRun() : null;
    if (!run) {
      const { signalId } = await sendSignal(await open(), { runId, name, payload, by: `sdk:${app}`, ...options });
      return { signalId };
    }
    const { fingerprint } = keepArguments(`signal ${name}`, { runId, name, payload });
    const send = async (live: LiveStep): Promise<void> => {
      const { signalId } = await sendSignal(await open(), { runId, name, payload, by: `run:${run.id}`, idempotencyKey: options.idempotencyKey ?? live.key });
      live.give({ ok: true, value: { signalId } }, [
        { happening: { kind: "signal", verb: "sent", payload: { key: live.key, fingerprint, toRunId: runId, name, signalId } } },
      ]);
    };
    return askStep(run, {
      kind: "sent",
      name,
      fingerprint,
      mayChange: (recorded) => isRefusal(recorded, { name, fingerprint }),
      begin: (live) => live.perform(() => send(live).catch((error: unknown) => giveRefusal(live, { name, fingerprint }, error))),
    });
  };
}
