import { TapeError } from "@tape/core";
import { LONGEST_MS } from "../given.ts";
import type { LiveStep, StepSpec } from "../drive/step.ts";

/** Waits by a `wake` timer: over crashes and restarts, in no process's memory. */
export function sleepStep(until: number | Date): StepSpec {
  const given = until instanceof Date ? until.getTime() : typeof until === "number" ? until : NaN;
  if (!Number.isFinite(given) || (typeof until === "number" && (until < 0 || until > LONGEST_MS))) {
    throw new TapeError("invalid_input", `sleep(${given}): milliseconds from 0 to 100 years, or a date`);
  }
  const delivered = (live: LiveStep) => ({ happening: { kind: "timer", verb: "delivered", payload: { timerId: live.key, key: live.key } } }) as const;
  return {
    kind: "sleep",
    name: "sleep",
    fingerprint: null,
    begin: (live, recorded) => {
      if (recorded?.outcome) return live.give(recorded.outcome, [delivered(live)]);
      const inMs = typeof until === "number" ? until : Math.max(0, given - live.now());
      if (!recorded) {
        const armed = { kind: "timer", verb: "armed", payload: { timerId: live.key, kind: "wake", key: live.key, fireAt: "" } } as const;
        void live.record({ happening: armed, due: { field: "fireAt", inMs } });
      }
      live.wait({ on: "sleep", timerId: live.key, until: new Date(live.now() + inMs).toISOString() }, () => live.give({ ok: true, value: undefined }, [delivered(live)]));
    },
  };
}
