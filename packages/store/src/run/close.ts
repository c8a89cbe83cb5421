import { gateMachine, statesLeftBy, timerMachine, type Happening } from "@tape/core";
import type { Tx } from "../transaction.ts";

/**
 * Closes what is open of a run that ends: its gates and its timers (D19). Their entries go with the run's own, in the
 * order of their ids. The transaction holds the run's row.
 */
export async function closeOpen(tx: Tx, runId: string): Promise<{ happenings: Happening[]; gates: boolean }> {
  const gates = await tx.query<{ gateId: string; name: string }>(
    `WITH closed AS (
       UPDATE tape.gates SET status = 'CANCELLED', outcome = 'cancelled', decided_at = tape.now() WHERE run_id = $1 AND status = ANY ($2) RETURNING id, name
     ) SELECT id AS "gateId", name FROM closed ORDER BY id`,
    [runId, statesLeftBy(gateMachine, "cancel")],
  );
  const timers = await tx.query<{ timerId: string; kind: string; key: string | null }>(
    `WITH closed AS (
       UPDATE tape.timers SET status = 'CANCELLED', claim = NULL, claim_expires_at = NULL WHERE run_id = $1 AND status = ANY ($2) RETURNING id, kind, key
     ) SELECT id AS "timerId", kind, key FROM closed ORDER BY id`,
    [runId, statesLeftBy(timerMachine, "cancel")],
  );
  const happenings = [
    ...gates.rows.map(({ gateId, name }): Happening => ({ kind: "gate", verb: "cancelled", payload: { gateId, name, reason: "run_ended" } })),
    ...timers.rows.map(({ timerId, kind, key }): Happening => ({ kind: "timer", verb: "cancelled", payload: { timerId, kind, ...(key !== null && { key }) } })),
  ];
  return { happenings, gates: gates.rows.length > 0 };
}
