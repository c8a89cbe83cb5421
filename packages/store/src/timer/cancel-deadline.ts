import type { Happening } from "@tape/core";
import type { Tx } from "../transaction.ts";

/**
 * Disarms the deadline of a gate or a signal step that got its outcome; its entries go with the outcome's own. The
 * transaction holds the run's row.
 */
export async function cancelDeadline(tx: Tx, runId: string, ref: string): Promise<Happening[]> {
  const { rows } = await tx.query<{ id: string; kind: string }>(
    `UPDATE tape.timers SET status = 'CANCELLED' WHERE run_id = $1 AND ref = $2 AND kind IN ('gate_timeout', 'signal_timeout') AND status = 'ARMED'
     RETURNING id, kind`,
    [runId, ref],
  );
  return rows.map(({ id, kind }) => ({ kind: "timer", verb: "cancelled", payload: { timerId: id, kind } }));
}
