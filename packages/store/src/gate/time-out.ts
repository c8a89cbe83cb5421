import { gateMachine, statesLeftBy, type Happening } from "@tape/core";
import type { Tx } from "../transaction.ts";

/**
 * Closes a gate whose deadline has come, if it is still open: its entry, or none when a decision was first. The
 * transaction holds the run's row; the caller appends the entry and wakes the run.
 */
export async function timeOutGate(tx: Tx, { runId, gateId }: { runId: string; gateId: string }): Promise<Happening[]> {
  const { rows } = await tx.query<{ name: string; decidedAt: string }>(
    `UPDATE tape.gates SET status = 'TIMED_OUT', outcome = 'timed_out', decided_at = tape.now()
     WHERE run_id = $1 AND id = $2 AND status = ANY ($3) RETURNING name, tape.iso(decided_at) AS "decidedAt"`,
    [runId, gateId, statesLeftBy(gateMachine, "time_out")],
  );
  return rows.map(({ name, decidedAt }) => ({ kind: "gate", verb: "timed_out", payload: { gateId, name, decidedAt } }));
}
