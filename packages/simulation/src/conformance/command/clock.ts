import type { Model } from "../../model/index.ts";
import type { Context } from "./context.ts";

const LEAPS = [500, 1_600, 5_000, 11_000, 61_000, 130_000, 601_000];

/** When the clock stands after a command that moves it: at what is due next, about then, or anywhere. */
export function laterThan({ model, picks }: Context): number {
  const next = dueInstants(model);
  if (next.length === 0 || picks.isLucky(35)) return model.now + picks.of(LEAPS);
  const at = next[picks.below(Math.min(3, next.length))]!;
  return Math.max(model.now, at + picks.of([0, 0, 1, -1]));
}

/** Everything that is due later, the soonest first. */
function dueInstants(model: Model): number[] {
  const instants = [
    ...[...model.runs.values()].flatMap(({ dueAt, leaseExpiresAt }) => [dueAt, leaseExpiresAt]),
    ...[...model.effects.values()].flatMap(({ dueAt, nextCheckAt, claimExpiresAt }) => [dueAt, nextCheckAt, claimExpiresAt]),
    ...[...model.timers.values()].flatMap(({ fireAt, claimExpiresAt, status }) => (status === "ARMED" ? [fireAt, claimExpiresAt] : [])),
    ...[...model.obligations.values()].map(({ nextAttemptAt }) => nextAttemptAt),
  ];
  return [...new Set(instants)].filter((at) => at !== null && at > model.now).sort((one, other) => one! - other!) as number[];
}
