import { formatDuration, type RunSummary } from "@tape/core";

/** What a list says of a run in one line: what it waits for, or how it ended. */
export function runSentence(run: RunSummary): string {
  const [first, ...more] = run.whyWaiting;
  if (first !== undefined) return more.length === 0 ? first.sentence : `${first.sentence} (and ${more.length} more)`;
  const tookMs = run.endedAt !== null ? Date.parse(run.endedAt) - Date.parse(run.startedAt ?? run.createdAt) : null;
  const took = tookMs === null ? "" : formatDuration(tookMs);
  switch (run.status) {
    case "COMPLETED":
      return `Completed in ${took}`;
    case "FAILED":
      return `Failed after ${took}`;
    case "CANCELLED":
      return run.cancelReason === null ? "Cancelled" : `Cancelled: ${run.cancelReason}`;
    case "COMPENSATED":
      return "Compensated: everything is undone or waived";
    case "RUNNING":
      return "Running";
    default:
      return "";
  }
}
