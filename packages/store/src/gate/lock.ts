import { assertId, notFound } from "../identity.ts";
import { lockRun, type LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";
import { GATE_SELECT, type GateRow } from "./row.ts";

/**
 * Locks a gate's run, then the gate, and reads both after: what they say holds until the transaction ends.
 *
 * @throws {TapeError} `not_found`
 */
export async function lockGate(tx: Tx, gateId: string): Promise<{ run: LockedRun; gate: GateRow }> {
  assertId("gate", gateId);
  const { rows } = await tx.query<{ runId: string }>(`SELECT run_id AS "runId" FROM tape.gates WHERE id = $1`, [gateId]);
  if (!rows[0]) throw notFound("gate", gateId);
  const run = await lockRun(tx, rows[0].runId);
  const locked = await tx.query<GateRow>(`${GATE_SELECT} WHERE g.run_id = $1 AND g.id = $2 FOR UPDATE OF g`, [run.id, gateId]);
  if (!locked.rows[0]) throw notFound("gate", gateId);
  return { run, gate: locked.rows[0] };
}
