import { figuresOf, foreign, formatDuration, msOf, type Effect } from "@tape/core";

/** What the effect is about: its own words, else its tool and the figures of its request. */
export function titleOf({ summary, tool, request }: Pick<Effect, "summary" | "tool" | "request">): string {
  if (summary !== null) return foreign(summary, 200);
  const figures = figuresOf(request);
  return figures === "" ? foreign(tool, 60) : `${foreign(tool, 60)}: ${figures}`;
}

/** Who finds out, and when. */
export function sayCheck({ needsPerson, checks, nextCheckAt }: Pick<Effect, "needsPerson" | "checks" | "nextCheckAt">, now: Date): string {
  const asked = checks === 0 ? "not asked after yet" : checks === 1 ? "asked after once" : `asked after ${checks} times`;
  if (needsPerson) return `${asked}; only a person can settle it`;
  if (nextCheckAt === null) return asked;
  const inMs = msOf(nextCheckAt) - now.getTime();
  return `${asked}, again ${inMs <= 0 ? "now" : `in ${formatDuration(inMs)}`}`;
}

/** Why it is not sent, and when it is tried again. */
export function sayAttempts({ attempts, error, nextAttemptAt }: Pick<Effect, "attempts" | "error" | "nextAttemptAt">, now: Date): string {
  const failed = `${attempts - 1} attempts failed${error === null ? "" : ` (${foreign(error.message, 120)})`}`;
  if (nextAttemptAt === null) return failed;
  const inMs = msOf(nextAttemptAt) - now.getTime();
  return `${failed}, again ${inMs <= 0 ? "now" : `in ${formatDuration(inMs)}`}`;
}
