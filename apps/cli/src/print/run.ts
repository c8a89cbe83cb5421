import { foreign, relativeTime, runWords, type RunSummary } from "@tape/core";
import type { Terminal } from "./terminal.ts";

/** The run's state in its word and hue. */
export function stateOf({ paint }: Terminal, { status, whyWaiting }: Pick<RunSummary, "status" | "whyWaiting">): string {
  const { word, tone } = runWords(status, whyWaiting);
  return paint[tone](word);
}

/** Why it is where it is, in one sentence; nothing for a run that ended well. */
export function whyOf(run: Pick<RunSummary, "status" | "whyWaiting" | "cancelReason" | "unsettled">): string {
  const [first, ...others] = run.whyWaiting;
  if (first) return others.length > 0 ? `${first.sentence} (and ${others.length} more)` : first.sentence;
  if (run.status === "CANCELLED" && run.cancelReason) return foreign(run.cancelReason, 100);
  return run.unsettled > 0 ? `${run.unsettled} unsettled` : "";
}

export function ageOf({ createdAt }: Pick<RunSummary, "createdAt">, now: Date): string {
  return relativeTime(createdAt, now);
}
