import { TapeError } from "@tape/core";
import { requireRole } from "@tape/store";
import type * as store from "@tape/store";
import { append } from "../append.ts";
import { appendAudit, isPerson } from "../audit.ts";
import { iso } from "../iso.ts";
import type { Model, TimerRow } from "../model.ts";
import { lockRun } from "../run/lock.ts";
import { assertText } from "../text.ts";
import type { VerbOf } from "../verb.ts";
import { findTimer } from "./get.ts";
import { firesItself } from "./kinds.ts";
import { toTimer } from "./row.ts";
import { told } from "./settle.ts";

/** Disarms a timer. A handler that is at work on it is not stopped, and its report is not taken. Twice, it answers the same. */
export const cancelTimer: VerbOf<typeof store.cancelTimer> = (model, { runId, id, by, actor }) => {
  assertText(id, "id");
  assertText(by, "by");
  if (actor) requireRole(actor, "operator", "cancel a timer");
  lockRun(model, runId);
  const timer = findTimer(model, { runId, id });
  const { kind, status } = timer;
  if (firesItself(kind)) throw new TapeError("illegal_transition", `${kind} is the deadline of a wait: it is not cancelled by itself.`, { status, kind });
  if (status === "FIRED") throw new TapeError("illegal_transition", `The timer ${id} fired.`, { status, firedAt: firedAt(model, timer) });
  if (status === "CANCELLED") return toTimer(timer);

  timer.status = "CANCELLED";
  timer.claim = timer.claimExpiresAt = null;
  append(model, { runId, happenings: [told(timer, "cancelled", { by })], inbox: 1 });
  if (isPerson(actor)) appendAudit(model, { actor: actor.id, action: "timer.cancel", target: runId, runId, details: { timerId: id, kind } });
  return toTimer(timer);
};

function firedAt(model: Model, { runId, id }: TimerRow): string | null {
  const fired = model.journals.get(runId)!.findLast((entry) => entry.kind === "timer" && entry.verb === "fired" && entry.ref === id);
  return iso(fired?.at ?? null);
}
