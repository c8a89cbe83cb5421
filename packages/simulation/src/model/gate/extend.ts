import { gateExtensionRequest, invalidInput } from "@tape/core";
import type * as store from "@tape/store";
import { append } from "../append.ts";
import { appendAudit } from "../audit.ts";
import { iso } from "../iso.ts";
import { keyOf, type GateRow, type Model, type Ms } from "../model.ts";
import { assertText } from "../text.ts";
import type { VerbOf } from "../verb.ts";
import { lockGate } from "./lock.ts";
import { refuseExtension } from "./refuse.ts";
import { toGate } from "./row.ts";

/** Moves the deadline of an open gate to `forMs` from now, or gives it one. A decision or the old deadline that came first stands. */
export const extendGate: VerbOf<typeof store.extendGate> = (model, { id, actor, ...input }) => {
  const parsed = gateExtensionRequest.safeParse(input);
  if (!parsed.success) throw invalidInput(parsed.error, "extension");
  const { forMs, reason } = parsed.data;
  assertText(reason, "reason", { max: 2000 });
  const { run, gate } = lockGate(model, id);
  refuseExtension(run, gate, actor);

  gate.deadlineAt = model.now + forMs;
  armDeadline(model, gate, gate.deadlineAt);
  const { name } = gate;
  const deadlineAt = iso(gate.deadlineAt);
  append(model, {
    runId: run.id,
    happenings: [
      { kind: "gate", verb: "extended", payload: { gateId: id, name, deadlineAt, by: actor.id, reason } },
      { kind: "timer", verb: "armed", payload: { timerId: id, kind: "gate_timeout", fireAt: deadlineAt, by: actor.id } },
    ],
    inbox: 1,
    gates: true,
  });
  appendAudit(model, { actor: actor.id, action: "gate.extend", target: id, runId: run.id, details: { name, forMs, deadlineAt, reason } });
  model.hints.push({ on: "timer", at: gate.deadlineAt });
  return toGate(model, gate);
};

/** A gate's timer has the gate's id. */
function armDeadline(model: Model, { id, runId }: GateRow, fireAt: Ms): void {
  const before = model.timers.get(keyOf(runId, id));
  const fresh = { runId, id, kind: "gate_timeout", key: null, ref: id, payload: null, lastError: null, claim: null, claimExpiresAt: null, createdAt: model.now };
  model.timers.set(keyOf(runId, id), { ...fresh, ...before, fireAt, status: "ARMED", attempts: 0 });
}
