import type { RecordedError, Wait } from "@tape/core";
import type { DriverRecord, RunEnd } from "@tape/store";
import { storable } from "../steps/storable.ts";

/** How the code of a run ended. */
export type Finished = { ok: true; output: unknown } | { ok: false; error: RecordedError };

/** What decides whether a quiet drive is at its end. */
export interface Standing {
  finished: Finished | null;
  waits: Wait[];
  /** Deadlines and sleeps that are armed, also of what has its outcome already: id → kind. */
  armed: ReadonlyMap<string, string>;
  /** The worker wants the lease back. */
  releasing: boolean;
  /** Steps were asked that are not begun any more, because the lease is given back. */
  held: boolean;
  /** The arrivals the drive has seen. */
  inbox: number;
}

/** Gives the lease back; whatever is PENDING stays so for the next driver. */
export const RELEASED: RunEnd = { to: "RUNNABLE", reason: "stopping", inMs: 0, inbox: null, closing: [] };

/** The end of a drive in which nothing runs and nothing is handed over; undefined when the code is still on its own. */
export function endOfQuiet({ finished, waits, armed, releasing, held, inbox }: Standing): RunEnd | undefined {
  // What the code raced is closed with the run, but an inline effect that may have happened is waited for (D24).
  const unsettled = waits.filter((wait) => wait.on === "effect" && wait.dispatch !== "OUTBOX");
  if (finished && unsettled.length === 0) return { ...outcomeOf(finished), inbox, closing: closing(waits, armed) };
  if (releasing && held) return RELEASED;
  const forWhat = finished ? unsettled : waits;
  if (forWhat.length > 0) return { to: "WAITING", waits: forWhat, inbox, closing: [] };
  return releasing ? RELEASED : undefined;
}

/** Any end of a run closes its open gates and timers (D19). */
function closing(waits: readonly Wait[], armed: ReadonlyMap<string, string>): DriverRecord[] {
  const gates = waits.flatMap((wait): DriverRecord[] =>
    wait.on === "gate" ? [{ happening: { kind: "gate", verb: "cancelled", payload: { gateId: wait.gateId, name: wait.name, reason: "run_ended" } } }] : [],
  );
  const timers = [...armed].map(([timerId, kind]): DriverRecord => ({ happening: { kind: "timer", verb: "cancelled", payload: { timerId, kind } } }));
  return [...gates, ...timers];
}

/** What the agent returned, as it is stored. One that cannot be stored fails the run: its output is its promise. */
export function returned(output: unknown): Finished {
  const kept = storable(output);
  if (kept.ok) return { ok: true, output: kept.value };
  return { ok: false, error: { name: "ResultNotStorable", message: `the agent's output cannot be stored: ${kept.message}`, code: "result_not_storable" } };
}

function outcomeOf(finished: Finished) {
  return finished.ok ? ({ to: "COMPLETED", output: finished.output } as const) : ({ to: "FAILED", error: finished.error } as const);
}
