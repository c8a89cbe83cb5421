import { append } from "../append.ts";
import type { EffectRow, Model, RunRow } from "../model.ts";
import { dropClaim } from "./lock.ts";
import { iso } from "../iso.ts";

const MOST_MS = 300_000;
const JOURNALED = 10;

/** How long to wait after so many questions, or sendings, before the next: 1 s after the first, twice as long after each, at most 5 min (ms). */
export function backoffMs(times: number): number {
  return Math.min(1_000 * 2 ** Math.max(0, times - 1), MOST_MS);
}

interface Postponement {
  observation: "absent" | "inconclusive";
  message?: string;
  /** From now (ms); null: it is not asked after any more. */
  nextInMs: number | null;
  needsPerson: boolean;
}

/**
 * Leaves an effect UNKNOWN: when it is asked after next, or that only a person can tell. The first ten answers are
 * journaled, and the one that calls for a person.
 */
export function postponeEffect(model: Model, run: RunRow, effect: EffectRow, { observation, message, nextInMs, needsPerson }: Postponement): void {
  const isNews = needsPerson !== effect.needsPerson;
  effect.checks += 1;
  effect.needsPerson ||= needsPerson;
  effect.nextCheckAt = nextInMs === null ? null : model.now + nextInMs;
  dropClaim(effect);
  if (effect.checks > JOURNALED && !isNews) return;
  append(model, {
    runId: run.id,
    happenings: [
      { kind: "effect", verb: "observed", payload: { effectId: effect.id, key: effect.key, observation, checks: effect.checks, nextCheckAt: iso(effect.nextCheckAt), message } },
    ],
  });
}
