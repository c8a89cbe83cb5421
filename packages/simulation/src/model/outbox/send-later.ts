import type { RecordedError } from "@tape/core";
import { append } from "../append.ts";
import { dropClaim } from "../effect/lock.ts";
import { backoffMs } from "../effect/postpone.ts";
import type { EffectRow, Model, RunRow } from "../model.ts";

const MOST_MS = 86_400_000;
/** After so many sendings that failed a person is told. */
const PATIENCE = 8;

/** Leaves an effect PENDING, due again by back-off, or when the counterparty says so, within a day. */
export function sendLater(model: Model, run: RunRow, effect: EffectRow, { error, afterMs }: { error: RecordedError; afterMs?: number }): void {
  const attempt = effect.attempts;
  const retryInMs = afterMs !== undefined && afterMs >= 0 ? Math.min(afterMs, MOST_MS) : backoffMs(attempt);
  effect.attempts += 1;
  effect.needsPerson ||= attempt >= PATIENCE;
  effect.dueAt = model.now + retryInMs;
  effect.inFlightAt = null;
  dropClaim(effect);
  append(model, {
    runId: run.id,
    happenings: [{ kind: "effect", verb: "attempt_failed", payload: { effectId: effect.id, key: effect.key, attempt, error, retryInMs } }],
  });
}
