import { invalidInput, gateExtensionRequest, type Gate, type GateExtensionRequest } from "@tape/core";
import type { Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import { appendToRun } from "../journal/append.ts";
import type { Store } from "../store.ts";
import { assertText } from "../text.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { getGate } from "./get.ts";
import { lockGate } from "./lock.ts";
import { refuseExtension } from "./refuse.ts";

export interface ExtendGate extends GateExtensionRequest {
  id: string;
  actor: Actor;
}

/**
 * Moves the deadline of an open gate to `forMs` from now by the database's clock, or gives it one. Whoever may decide
 * the gate may do so, and any operator. A decision or the old deadline that came first stands.
 *
 * @throws {TapeError} in this order: `not_found`; `already_decided` (by whom, when); `illegal_transition` when the run
 *   has ended, or the gate was withdrawn; `forbidden`. `invalid_input` for the reason and the time.
 */
export async function extendGate(store: Store, { id, actor, ...input }: ExtendGate): Promise<Gate> {
  const parsed = gateExtensionRequest.safeParse(input);
  if (!parsed.success) throw invalidInput(parsed.error, "extension");
  const { forMs, reason } = parsed.data;
  assertText(reason, "reason", { max: 2000 });
  await inTransaction(store, async (tx) => {
    const { run, gate } = await lockGate(tx, id);
    const refused = refuseExtension(run, gate, actor);
    if (refused) throw refused;
    const deadline = await moveDeadline(tx, { runId: run.id, gateId: id, forMs });
    const deadlineAt = deadline.toISOString();
    // Counted as an arrival: a driver that ends the run has read that there is a deadline to close.
    await appendToRun(tx, {
      runId: run.id,
      happenings: [
        { kind: "gate", verb: "extended", payload: { gateId: id, name: gate.name, deadlineAt, by: actor.id, reason } },
        { kind: "timer", verb: "armed", payload: { timerId: id, kind: "gate_timeout", fireAt: deadlineAt, by: actor.id } },
      ],
      inbox: 1,
      gates: true,
    });
    await appendAudit(tx, { actor: actor.id, action: "gate.extend", target: id, runId: run.id, details: { name: gate.name, forMs, deadlineAt, reason }, source: actor.source });
    tx.hint({ on: "timer", at: deadline.getTime() });
  });
  return await getGate(store, { id });
}

/** The gate's and its timer's, which has the gate's id. */
async function moveDeadline(tx: Tx, { runId, gateId, forMs }: { runId: string; gateId: string; forMs: number }): Promise<Date> {
  const { rows } = await tx.query<{ deadlineAt: Date }>(
    `UPDATE tape.gates SET deadline_at = date_trunc('milliseconds', tape.now()) + $3 * interval '1 ms' WHERE run_id = $1 AND id = $2 AND status = 'OPEN'
     RETURNING deadline_at AS "deadlineAt"`,
    [runId, gateId, forMs],
  );
  const { deadlineAt } = rows[0]!;
  await tx.query(
    `INSERT INTO tape.timers (run_id, id, kind, ref, fire_at, status, created_at) VALUES ($1, $2, 'gate_timeout', $2, $3, 'ARMED', tape.now())
     ON CONFLICT (run_id, id) DO UPDATE SET fire_at = excluded.fire_at, status = 'ARMED', attempts = 0`,
    [runId, gateId, deadlineAt],
  );
  return deadlineAt;
}
