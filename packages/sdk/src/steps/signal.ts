import { TapeError } from "@tape/core";
import { z } from "zod";
import { checkName } from "../define/name.ts";
import type { LiveStep, Outcome, StepSpec } from "../drive/step.ts";
import { checked, milliseconds } from "../given.ts";
import { fromRecorded, SignalTimeout } from "../error/index.ts";
import { askStep, refused } from "../drive/asking.ts";
import type { Run } from "../run.ts";

/**
 * The payload of the next signal of this name that nobody took yet; one that came before is taken at once.
 *
 * @param options.timeoutMs from the call, by the database's clock. Default: waits for ever.
 * @throws {SignalTimeout} when none came in time
 */
export function awaitSignal<Payload = unknown>(run: Run, name: string, options: { timeoutMs?: number } = {}): Promise<Payload> {
  try {
    checked("awaitSignal", awaited, { name, options });
    if (!name.startsWith("gate.")) checkName("signal", name);
  } catch (error) {
    return refused(error);
  }
  if (name.startsWith("gate.")) return refused(new TapeError("invalid_input", `${name}: names that begin with gate. are reserved; a gate is decided by its decision`));
  return askStep<Payload>(run, signalStep(name, options.timeoutMs));
}

const awaited = z.object({ name: z.string(), options: z.object({ timeoutMs: milliseconds.optional() }) });

function signalStep(name: string, timeoutMs: number | undefined): StepSpec {
  return {
    kind: "signal",
    name,
    fingerprint: null,
    begin: (live, recorded) => {
      if (recorded?.outcome) return live.give(recorded.outcome, [taken(live, name, null)]);
      if (!recorded) {
        const awaited = { happening: { kind: "signal", verb: "awaited", payload: { key: live.key, name, deadlineAt: null } } } as const;
        if (timeoutMs === undefined) void live.record(awaited);
        else {
          const armed = { kind: "timer", verb: "armed", payload: { timerId: live.key, kind: "signal_timeout", fireAt: "" } } as const;
          void live.record(
            { ...awaited, due: { field: "deadlineAt", inMs: timeoutMs } },
            { happening: armed, due: { field: "fireAt", inMs: timeoutMs }, ref: live.key },
          );
        }
      }
      const early = live.takeSignal(name);
      if (early) return live.give({ ok: true, value: { outcome: "received", payload: early.payload } }, [taken(live, name, early.signalId)]);
      live.wait({ on: "signal", key: live.key, name }, (arrival) => {
        if (arrival.on === "signal") live.give({ ok: true, value: { outcome: "received", payload: arrival.payload } }, [taken(live, name, arrival.signalId)]);
        if (arrival.on === "signal_timeout") live.give({ ok: true, value: { outcome: "timed_out" } }, [taken(live, name, null)]);
      });
    },
    open: (outcome: Outcome) => {
      if (!outcome.ok) throw fromRecorded(outcome.error);
      const value = outcome.value as { outcome: "received"; payload: unknown } | { outcome: "timed_out" };
      if (value.outcome === "timed_out") throw new SignalTimeout(name);
      return value.payload;
    },
  };
}

/** The signal (null: its deadline) reached the code. */
function taken(live: LiveStep, name: string, signalId: string | null) {
  const { key } = live;
  return signalId === null
    ? ({ happening: { kind: "signal", verb: "timeout_delivered", payload: { key, name } } } as const)
    : ({ happening: { kind: "signal", verb: "delivered", payload: { key, name, signalId } } } as const);
}
