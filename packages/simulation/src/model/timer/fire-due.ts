import type { Happening, Wait } from "@tape/core";
import type * as store from "@tape/store";
import { timeOutGate } from "../gate/time-out.ts";
import type { Model, TimerRow } from "../model.ts";
import { hasEnded, lockRun } from "../run/lock.ts";
import { timeOutAwait } from "../signal/time-out.ts";
import type { VerbOf } from "../verb.ts";
import { firesItself } from "./kinds.ts";
import { byDueTime, settleTimers, told, voided, type Settlement } from "./settle.ts";

/** Fires due timers that have no handler, the longest due first: sleeps end, gates and awaits time out, and what waited goes on. */
export const fireDueTimers: VerbOf<typeof store.fireDueTimers> = (model, { limit = 200 } = {}) => {
  const due = [...model.timers.values()]
    .filter(({ status, fireAt, kind }) => status === "ARMED" && fireAt <= model.now && firesItself(kind))
    .toSorted(byDueTime)
    .slice(0, limit);
  settleTimers(model, due.map((timer) => fire(model, timer)));
  return { fired: due.length, more: due.length > 0 && due.length === limit };
};

/** The timer of an ended run, or the deadline of what has its outcome, is cancelled instead. */
function fire(model: Model, timer: TimerRow): Settlement {
  if (hasEnded(lockRun(model, timer.runId))) return voided(timer);
  if (timer.kind === "wake") return { timer, to: "FIRED", happenings: [told(timer, "fired")], ends: (wait) => wait.on === "sleep" && wait.timerId === timer.id };
  const outcome = timeOut(model, timer);
  return outcome ? { timer, to: "FIRED", happenings: [outcome, told(timer, "fired")], ends: (wait) => isDeadlineOf(timer, wait) } : voided(timer);
}

function timeOut(model: Model, { runId, kind, ref }: TimerRow): Happening | null {
  if (ref === null) return null;
  return kind === "gate_timeout" ? timeOutGate(model, { runId, gateId: ref }) : timeOutAwait(model, { runId, key: ref });
}

function isDeadlineOf({ kind, ref }: TimerRow, wait: Wait): boolean {
  return kind === "gate_timeout" ? wait.on === "gate" && wait.gateId === ref : wait.on === "signal" && wait.key === ref;
}
