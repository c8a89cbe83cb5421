import { TapeError, type Json, type Timer } from "@tape/core";
import { requireRole, type Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import { serializeBody, serializeExactly } from "../body.ts";
import { appendToRun } from "../journal/append.ts";
import { isPerson } from "../person.ts";
import { hasEnded, lockRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { assertInstant, assertText, invalidField } from "../text.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { firesItself, SELF_FIRING_KINDS } from "./kinds.ts";
import { TIMER_COLUMNS, toTimer, type TimerRow } from "./row.ts";

export interface SetTimer {
  runId: string;
  /** Chosen by the caller, unique in the run. */
  id: string;
  /** `redrive`, `reconcile`, or a kind that a handler is registered for with `onTimer`. */
  kind: string;
  /** Given to the handler. JSON. */
  payload?: unknown;
  /** Due in so many ms by the database's clock, at most 100 years. Either this or `fireAt`. */
  inMs?: number;
  /** Due at this instant, ISO 8601; in the past: at once. */
  fireAt?: string;
  /** Who, as the journal says it. */
  by: string;
  /** Who asks it, where somebody signed in does; a person is audited. */
  actor?: Actor;
}

const LONGEST_MS = 3.2e12;

/**
 * Arms a timer of a run. The same id again arms it anew, whatever became of it before: with the new kind, payload and
 * time, no attempts, and free of a handler that is at work on it.
 *
 * @throws {TapeError} `not_found`; `illegal_transition` for a run that has ended; `invalid_input` naming the field:
 *   kinds and ids that waits and deadlines have to themselves; `payload_too_large`; `forbidden`.
 */
export async function setTimer(store: Store, input: SetTimer): Promise<Timer> {
  check(input);
  if (input.actor) requireRole(input.actor, "operator", "set a timer");
  return await inTransaction(store, async (tx) => await arm(tx, input));
}

function check({ runId, id, kind, payload, inMs, fireAt, by }: SetTimer): void {
  assertText(id, "id");
  assertText(kind, "kind");
  assertText(by, "by");
  if (firesItself(kind)) throw invalidField("kind", `${SELF_FIRING_KINDS.join(", ")} belong to sleeps, gates and awaited signals; choose redrive, reconcile or a kind of your own`);
  if (id.startsWith("gate_") || id.startsWith(`${runId}/`)) throw ownId(id);
  if ((inMs === undefined) === (fireAt === undefined)) throw invalidField("inMs", "give either inMs or fireAt");
  if (inMs !== undefined && !(inMs >= 0 && inMs <= LONGEST_MS)) throw invalidField("inMs", "must be milliseconds, from 0 to 100 years");
  if (fireAt !== undefined) assertInstant(fireAt, "fireAt");
  serializeExactly(payload, "payload");
}

async function arm(tx: Tx, { runId, id, kind, payload, inMs, fireAt, by, actor }: SetTimer): Promise<Timer> {
  const run = await lockRun(tx, runId);
  if (hasEnded(run)) throw new TapeError("illegal_transition", `Run ${runId} is ${run.status}: a timer of it would find nothing to do. Start again for new work.`, { status: run.status });
  const { rows } = await tx.query<TimerRow>(
    `INSERT INTO tape.timers (run_id, id, kind, payload, fire_at, status, created_at)
     VALUES ($1, $2, $3, $4, COALESCE($5::timestamptz, tape.now() + $6::float8 * interval '1 ms'), 'ARMED', tape.now())
     ON CONFLICT (run_id, id) DO UPDATE SET kind = excluded.kind, payload = excluded.payload, fire_at = excluded.fire_at, status = 'ARMED',
       attempts = 0, last_error = NULL, claim = NULL, claim_expires_at = NULL
     WHERE timers.kind <> ALL ($7)
     RETURNING ${TIMER_COLUMNS}`,
    [runId, id, kind, payload === undefined ? null : serializeBody(payload, "payload"), fireAt ?? null, inMs ?? null, SELF_FIRING_KINDS],
  );
  if (!rows[0]) throw ownId(id);
  const timer = toTimer(rows[0]);
  const armed = { timerId: id, kind, fireAt: timer.fireAt, ...(payload !== undefined && { payload: payload as Json }), by };
  // Counted as an arrival: a driver that ends the run has read that there is a timer to close.
  await appendToRun(tx, { runId, happenings: [{ kind: "timer", verb: "armed", payload: armed }], inbox: 1 });
  if (isPerson(actor)) {
    await appendAudit(tx, { actor: actor.id, action: "timer.set", target: runId, runId, details: { timerId: id, kind, fireAt: timer.fireAt }, source: actor.source });
  }
  tx.hint({ on: "timer", at: Date.parse(timer.fireAt) });
  return timer;
}

function ownId(id: string): TapeError {
  return invalidField("id", `${id} names a wait or the deadline of one; choose another id`);
}
