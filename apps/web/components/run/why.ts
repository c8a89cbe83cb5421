import { formatDuration, type Run } from "@tape/core";

/** Why this run cannot be driven again now, by its state. Null: it can. */
export function whyNotRedrive(run: Pick<Run, "status" | "endedAs">): string | null {
  switch (run.status) {
    case "WAITING":
      return null;
    case "STUCK":
      return run.endedAs === null ? null : "It is stuck while being taken back. Settle what gave up on the desk; the walk then goes on.";
    case "RUNNABLE":
      return "It is already queued for a worker.";
    case "RUNNING":
      return "A worker drives it right now.";
    case "COMPENSATING":
      return "It is being taken back right now.";
    case "FAILED":
      return "It has failed. Start it again with the same input.";
    default:
      return "It has ended.";
  }
}

/** Why no signal can reach this run now. Null: one can; sent early, it is kept. */
export function whyNotSignal(run: Pick<Run, "status" | "endedAs">): string | null {
  switch (run.status) {
    case "RUNNABLE":
    case "RUNNING":
    case "WAITING":
      return null;
    case "STUCK":
      return run.endedAs === null ? null : "It has ended, so nothing would receive it.";
    default:
      return "It has ended, so nothing would receive it.";
  }
}

/** Why this run cannot be cancelled now, by its state. Null: it can. */
export function whyNotCancel(run: Pick<Run, "status" | "endedAs">): string | null {
  switch (run.status) {
    case "RUNNABLE":
    case "RUNNING":
    case "WAITING":
      return null;
    case "STUCK":
      return run.endedAs === null ? null : "It has ended and is stuck while being taken back. Settle what gave up; it cannot be cancelled.";
    case "CANCELLED":
      return "It is cancelled already.";
    case "COMPENSATING":
      return "It has ended and is being taken back. A walk cannot be cancelled.";
    default:
      return "It has ended.";
  }
}

/** What the run is doing, or how it went: the one sentence at the head of its page. */
export function headline(run: Run): string {
  const [first] = run.whyWaiting;
  const tookMs = run.endedAt === null ? null : Date.parse(run.endedAt) - Date.parse(run.startedAt ?? run.createdAt);
  const took = tookMs === null ? "" : formatDuration(tookMs);
  switch (run.status) {
    case "COMPLETED":
      return `Completed in ${took}`;
    case "FAILED":
      return run.error === null ? `Failed after ${took}` : `Failed after ${took}: ${run.error.message}`;
    case "CANCELLED":
      return first?.sentence ?? (run.cancelReason === null ? "Cancelled" : `Cancelled: ${run.cancelReason}`);
    case "COMPENSATED":
      return "Compensated: everything is undone or waived";
    default:
      return first?.sentence ?? "Running";
  }
}
