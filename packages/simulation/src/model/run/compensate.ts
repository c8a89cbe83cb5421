import { TapeError, type Happening } from "@tape/core";
import { requireRole } from "@tape/store";
import type * as store from "@tape/store";
import { append } from "../append.ts";
import { appendAudit } from "../audit.ts";
import type { RunRow } from "../model.ts";
import { assertText } from "../text.ts";
import type { VerbOf } from "../verb.ts";
import { getRun } from "./get.ts";
import { lockRun } from "./lock.ts";
import { settleRuns } from "./settle.ts";

/** Asks that what an ended run did is taken back. A driver that still holds it settles it when it leaves. Asked again, nothing happens. */
export const compensateRun: VerbOf<typeof store.compensateRun> = (model, { id, reason, actor }) => {
  requireRole(actor, "operator", "compensate a run");
  assertText(reason, "reason", { max: 2000 });
  const run = lockRun(model, id);
  const { status: from } = run;
  if (from === "COMPENSATING" || from === "COMPENSATED") return getRun(model, { id });
  const instead = insteadOfCompensating(run);
  if (instead !== null) throw new TapeError("illegal_transition", instead, { status: from, endedAs: run.endedAs });
  const told: Happening = { kind: "run", verb: "compensating", payload: { by: actor.id, reason } };
  if (run.owner !== null) append(model, { runId: id, happenings: [told], event: "compensate" });
  else settleRuns(model, [{ run, before: [told], event: "compensate", settlement: { by: "person", actor: actor.id } }]);
  appendAudit(model, { actor: actor.id, action: "run.compensate", target: id, runId: id, details: { reason, from } });
  return getRun(model, { id });
};

/** Why this run cannot be compensated yet, and what to do first; null when it can. */
export function insteadOfCompensating({ id, status, endedAs }: RunRow): string | null {
  switch (status) {
    case "COMPLETED":
    case "FAILED":
    case "CANCELLED":
      return null;
    case "RUNNABLE":
    case "RUNNING":
    case "WAITING":
      return `Run ${id} is ${status}: cancel it first, then compensate it.`;
    case "STUCK":
      if (endedAs === null) return `Run ${id} is STUCK: cancel it first, then compensate it.`;
      return `Run ${id} is STUCK in its compensation: resolve the obligation that is stuck, and the walk goes on by itself.`;
    case "COMPENSATING":
      return `Run ${id} is COMPENSATING already: it has been asked for.`;
    case "COMPENSATED":
      return `Run ${id} is COMPENSATED: what it did is taken back.`;
  }
}
