import { gateMachine, statesLeftBy, type Happening } from "@tape/core";
import type { Tx } from "../transaction.ts";

/**
 * Closes the gates whose deadline has come and that are still open. The entry of each, by gate; none for one that was
 * decided first. The transaction holds the rows of their runs; the caller appends the entries and wakes the runs.
 */
export async function timeOutGates(tx: Tx, gates: readonly { runId: string; gateId: string }[]): Promise<Map<string, Happening>> {
  if (gates.length === 0) return new Map();
  const { rows } = await tx.query<{ gateId: string; name: string; decidedAt: string }>(
    `UPDATE tape.gates g SET status = 'TIMED_OUT', outcome = 'timed_out', decided_at = tape.now()
     FROM unnest($1::text[], $2::text[]) AS due (run_id, id)
     WHERE g.run_id = due.run_id AND g.id = due.id AND g.status = ANY ($3)
     RETURNING g.id AS "gateId", g.name, tape.iso(g.decided_at) AS "decidedAt"`,
    [gates.map(({ runId }) => runId), gates.map(({ gateId }) => gateId), statesLeftBy(gateMachine, "time_out")],
  );
  return new Map(rows.map(({ gateId, name, decidedAt }) => [gateId, { kind: "gate", verb: "timed_out", payload: { gateId, name, decidedAt } }]));
}
