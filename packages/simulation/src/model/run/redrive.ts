import { TapeError } from "@tape/core";
import type * as store from "@tape/store";
import { requireRole } from "@tape/store";
import { append } from "../append.ts";
import { appendAudit } from "../audit.ts";
import { assertText } from "../text.ts";
import type { VerbOf } from "../verb.ts";
import { lockRun } from "./lock.ts";
import { getRun } from "./get.ts";

/** Has a run driven again that waits, or that is STUCK for another reason than its compensation (D16). */
export const redriveRun: VerbOf<typeof store.redriveRun> = (model, { id, reason, actor }) => {
  requireRole(actor, "operator", "redrive a run");
  assertText(reason, "reason", { max: 2000 });
  const run = lockRun(model, id);
  const { status: from, endedAs } = run;
  const canBeRedriven = from === "WAITING" || (from === "STUCK" && endedAs === null);
  if (!canBeRedriven) throw new TapeError("illegal_transition", `Run ${id} is ${from}.`, { status: from, endedAs });
  append(model, { runId: id, happenings: [{ kind: "run", verb: "redriven", payload: { by: actor.id, reason } }], event: "redrive" });
  appendAudit(model, { actor: actor.id, action: "run.redrive", target: id, runId: id, details: { reason, from } });
  return getRun(model, { id });
};
