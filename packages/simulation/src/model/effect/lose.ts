import type { RecordedError } from "@tape/core";
import { append } from "../append.ts";
import type { EffectRow, Model, RunRow } from "../model.ts";
import { dropClaim } from "./lock.ts";

/** Says of a PENDING effect that it may have happened: it is asked after at once, or waits for a person. */
export function loseEffect(
  model: Model,
  run: RunRow,
  effect: EffectRow,
  { reason, error, checkable }: { reason: string; error?: RecordedError; checkable: boolean },
): void {
  append(model, { runId: run.id, happenings: [{ kind: "effect", verb: "unknown", payload: { effectId: effect.id, key: effect.key, reason, ...(error && { error }) } }] });
  effect.status = "UNKNOWN";
  effect.unknownSince = model.now;
  effect.checks = 0;
  effect.needsPerson = !checkable;
  effect.nextCheckAt = checkable ? model.now : null;
  effect.dueAt = effect.inFlightAt = null;
  dropClaim(effect);
  model.hints.push({ on: "reactors" });
}
