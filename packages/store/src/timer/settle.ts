import { statesLeftBy, timerMachine, type Happening, type Wait } from "@tape/core";
import { groupBy } from "../group-by.ts";
import { appendEntries } from "../journal/append.ts";
import { wakeIf, type LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";

/** One armed timer that has come to its end, and what that adds to its run. */
export interface Settlement {
  timer: { runId: string; id: string; kind: string };
  to: "FIRED" | "CANCELLED";
  happenings: Happening[];
  /** Which wait of the run ends with it. Null: nothing arrives, what drives the run need not look. */
  ends: ((wait: Wait) => boolean) | null;
  /** Why its run is driven again, if it is parked. */
  redrive?: string;
  /** Its handler failed for the last time. */
  lastError?: string;
}

/**
 * Takes armed timers out of ARMED, appends what they brought and moves the runs that waited for it, all together. The
 * transaction holds the rows of the runs and of the timers.
 */
export async function settleTimers(tx: Tx, settlements: readonly Settlement[], runs: Map<string, LockedRun>): Promise<void> {
  if (settlements.length === 0) return;
  await tx.query(
    `UPDATE tape.timers t SET status = s."to", attempts = t.attempts + 1, last_error = s.last_error, claim = NULL, claim_expires_at = NULL
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS s (run_id, id, "to", last_error)
     WHERE t.run_id = s.run_id AND t.id = s.id AND t.status = ANY ($5)`,
    [
      settlements.map(({ timer }) => timer.runId),
      settlements.map(({ timer }) => timer.id),
      settlements.map(({ to }) => to),
      settlements.map(({ lastError }) => lastError ?? null),
      statesLeftBy(timerMachine, "fire"),
    ],
  );
  const byRun = [...groupBy(settlements, ({ timer }) => timer.runId)];
  await appendEntries(tx, byRun.map(([runId, own]) => appendOf(runs.get(runId)!, own)));
}

/** A timer that ended, as the journal says it. */
export function told({ id, kind }: Settlement["timer"], verb: "fired" | "cancelled", more: { lastError?: string; by?: string } = {}): Happening {
  return { kind: "timer", verb, payload: { timerId: id, kind, ...more } };
}

/** A timer that nothing waits for any more. */
export function voided(timer: Settlement["timer"]): Settlement {
  return { timer, to: "CANCELLED", happenings: [told(timer, "cancelled")], ends: null };
}

function appendOf(run: LockedRun, own: Settlement[]) {
  const happenings = own.flatMap((settlement) => settlement.happenings);
  const arrivals = own.flatMap(({ ends }) => (ends ? [ends] : []));
  const redriven = own.find(({ redrive }) => redrive !== undefined);
  const isRedriven = run.status === "WAITING" && redriven !== undefined;
  if (isRedriven) happenings.push({ kind: "run", verb: "redriven", payload: { by: `timer:${redriven.timer.id}`, reason: redriven.redrive! } });
  return {
    runId: run.id,
    happenings,
    inbox: arrivals.length,
    gates: happenings.some(({ kind }) => kind === "gate"),
    ...(isRedriven ? { event: "redrive" as const } : wakeIf(run, (wait) => arrivals.some((ends) => ends(wait)))),
  };
}
