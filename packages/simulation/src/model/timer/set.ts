import { instant, TapeError, type Json } from "@tape/core";
import type * as store from "@tape/store";
import { requireRole, serializeBody, serializeExactly, type SetTimer } from "@tape/store";
import { append } from "../append.ts";
import { appendAudit, isPerson } from "../audit.ts";
import { keyOf, type TimerRow } from "../model.ts";
import { hasEnded, lockRun } from "../run/lock.ts";
import { assertText, invalidField } from "../text.ts";
import type { VerbOf } from "../verb.ts";
import { firesItself } from "./kinds.ts";
import { toTimer } from "./row.ts";

/** 100 years and a little. */
const LONGEST_MS = 3.2e12;

/** Arms a timer of a run. The same id again arms it anew, whatever became of it before, and free of a handler at work on it. */
export const setTimer: VerbOf<typeof store.setTimer> = (model, input) => {
  check(input);
  const { runId, id, kind, payload, inMs = 0, by, actor } = input;
  if (actor) requireRole(actor, "operator", "set a timer");
  const run = lockRun(model, runId);
  if (hasEnded(run)) throw new TapeError("illegal_transition", `Run ${runId} is ${run.status}.`, { status: run.status });
  const before = model.timers.get(keyOf(runId, id));
  if (before && firesItself(before.kind)) throw ownId(id);

  const row: TimerRow = {
    ...{ runId, id, kind, key: null, ref: null, payload: payload === undefined ? null : serializeBody(payload, "payload") },
    fireAt: input.fireAt === undefined ? model.now + inMs : Date.parse(input.fireAt),
    ...{ status: "ARMED", attempts: 0, lastError: null, claim: null, claimExpiresAt: null },
    createdAt: before?.createdAt ?? model.now,
  };
  model.timers.set(keyOf(runId, id), row);
  const { fireAt } = toTimer(row);
  const armed = { timerId: id, kind, fireAt, ...(payload !== undefined && { payload: payload as Json }), by };
  append(model, { runId, happenings: [{ kind: "timer", verb: "armed", payload: armed }], inbox: 1 });
  if (isPerson(actor)) appendAudit(model, { actor: actor.id, action: "timer.set", target: runId, runId, details: { timerId: id, kind, fireAt } });
  model.hints.push({ on: "timer", at: Date.parse(fireAt) });
  return toTimer(row);
};

function check({ runId, id, kind, payload, inMs, fireAt, by }: SetTimer): void {
  assertText(id, "id");
  assertText(kind, "kind");
  assertText(by, "by");
  if (firesItself(kind)) throw invalidField("kind", `${kind} belongs to sleeps, gates and awaited signals`);
  if (id.startsWith("gate_") || id.startsWith(`${runId}/`)) throw ownId(id);
  if ((inMs === undefined) === (fireAt === undefined)) throw invalidField("inMs", "give either inMs or fireAt");
  if (inMs !== undefined && !(inMs >= 0 && inMs <= LONGEST_MS)) throw invalidField("inMs", "must be milliseconds, from 0 to 100 years");
  if (fireAt !== undefined && !instant.safeParse(fireAt).success) throw invalidField("fireAt", "must be an instant");
  serializeExactly(payload, "payload");
}

/** The ids of waits and deadlines are theirs alone. */
function ownId(id: string): TapeError {
  return invalidField("id", `${id} names a wait or the deadline of one`);
}
