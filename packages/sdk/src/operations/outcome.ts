import { TapeError, type RecordedError, type Run as RunRecord } from "@tape/core";
import { getRun } from "@tape/store";
import type { Connection } from "../connect.ts";
import { fromRecorded } from "../error/index.ts";
import { ask } from "./step.ts";

type Ended = { output: unknown } | { error: RecordedError };

/** Waits for a run's end. In agent code it is a step, which keeps the run driven while it waits. */
export function outcomeOperation(app: string, connection: Connection) {
  return <Output>(runId: string): Promise<Output> =>
    ask<Ended, Output>(app, {
      name: "outcome",
      given: { runId },
      act: async ({ step }) => endOf(await ended(connection, runId, step?.signal)),
      answer: (end) => {
        if ("error" in end) throw fromRecorded(end.error);
        return end.output as Output;
      },
    });
}

const POLL_MS = 1_000;

/** By hints, and by looking every second. */
async function ended(connection: Connection, runId: string, signal?: AbortSignal): Promise<RunRecord> {
  const store = await connection.store();
  const stop = signal ? AbortSignal.any([signal, connection.closing]) : connection.closing;
  let look: () => void = () => {};
  const lookNow = () => look();
  const unsubscribe = connection.hints(store).subscribe((hint) => hint.on === "run" && hint.id === runId, lookNow);
  stop.addEventListener("abort", lookNow);
  try {
    for (;;) {
      // Begun before the run is read: what comes meanwhile is not missed.
      const next = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS);
        look = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      const run = await getRun(store, { id: runId });
      if (run.endedAt !== null || run.status === "CANCELLED") return run;
      if (!stop.aborted) await next;
      if (stop.aborted) throw new TapeError("unavailable", `nobody waits for run ${runId} any more: the tape was closed`);
    }
  } finally {
    look();
    stop.removeEventListener("abort", lookNow);
    unsubscribe();
  }
}

function endOf({ status, endedAs, output, error, cancelReason }: RunRecord): Ended {
  if (error) return { error };
  if (status === "CANCELLED" || endedAs === "CANCELLED") return { error: { name: "RunCancelled", message: cancelReason ?? "the run was cancelled" } };
  return { output };
}
