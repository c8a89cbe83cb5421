import { statesLeftBy, TapeError, timerMachine, type Timer } from "@tape/core";
import { requireRole, type Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import { appendToRun } from "../journal/append.ts";
import { isPerson } from "../person.ts";
import { lockRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { assertText } from "../text.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { noTimer } from "./get.ts";
import { firesItself, type SelfFiringKind } from "./kinds.ts";
import { TIMER_COLUMNS, toTimer, type TimerRow } from "./row.ts";
import { told } from "./settle.ts";

export interface CancelTimer {
  runId: string;
  id: string;
  /** Who, as the journal says it. */
  by: string;
  /** Who asks it, where somebody signed in does; a person is audited. */
  actor?: Actor;
}

/**
 * Disarms a timer. A handler that is at work on it is not stopped, and its report is not taken. Cancelled twice, it
 * answers the same.
 *
 * @throws {TapeError} `not_found`; `illegal_transition` for one that has fired, with `details.firedAt`, and for the
 *   deadlines of sleeps, gates and awaited signals, saying what to do instead; `forbidden`.
 */
export async function cancelTimer(store: Store, input: CancelTimer): Promise<Timer> {
  assertText(input.id, "id");
  assertText(input.by, "by");
  if (input.actor) requireRole(input.actor, "operator", "cancel a timer");
  return await inTransaction(store, async (tx) => await cancel(tx, input));
}

async function cancel(tx: Tx, { runId, id, by, actor }: CancelTimer): Promise<Timer> {
  await lockRun(tx, runId);
  const { rows } = await tx.query<TimerRow>(`SELECT ${TIMER_COLUMNS} FROM tape.timers WHERE run_id = $1 AND id = $2 FOR UPDATE`, [runId, id]);
  const [row] = rows;
  if (!row) throw noTimer(runId, id);
  const { kind } = row;
  if (firesItself(kind)) throw new TapeError("illegal_transition", INSTEAD[kind], { status: row.status, kind });
  if (row.status === "FIRED") throw await hasFired(tx, row);
  if (row.status === "CANCELLED") return toTimer(row);
  await tx.query("UPDATE tape.timers SET status = 'CANCELLED', claim = NULL, claim_expires_at = NULL WHERE run_id = $1 AND id = $2 AND status = ANY ($3)", [
    runId,
    id,
    statesLeftBy(timerMachine, "cancel"),
  ]);
  await appendToRun(tx, { runId, happenings: [told({ runId, id, kind }, "cancelled", { by })], inbox: 1 });
  if (isPerson(actor)) {
    await appendAudit(tx, { actor: actor.id, action: "timer.cancel", target: runId, runId, details: { timerId: id, kind }, source: actor.source });
  }
  return toTimer({ ...row, status: "CANCELLED" });
}

const INSTEAD: Record<SelfFiringKind, string> = {
  wake: "A sleep ends by its own timer. To have the run driven now, redrive it; to end it, cancel the run.",
  gate_timeout: "This is the deadline of a gate: extend the gate, or decide it.",
  signal_timeout: "This is the deadline of an awaited signal: send the signal.",
};

async function hasFired(tx: Tx, { runId, id, lastError }: TimerRow): Promise<TapeError> {
  const { rows } = await tx.query<{ at: Date }>(
    "SELECT at FROM tape.entries WHERE run_id = $1 AND kind = 'timer' AND verb = 'fired' AND ref = $2 ORDER BY seq DESC LIMIT 1",
    [runId, id],
  );
  const firedAt = rows[0]?.at.toISOString() ?? null;
  const how = lastError === null ? "" : ", after its handler had failed five times";
  return new TapeError("illegal_transition", `The timer ${id} fired${firedAt === null ? "" : ` at ${firedAt}`}${how}: there is nothing to cancel. Set it again to arm it.`, { status: "FIRED", firedAt });
}
