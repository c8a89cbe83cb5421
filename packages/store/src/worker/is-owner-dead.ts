import type { LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";
import { HELD_LOCKS, IS_ALIVE } from "./presence.ts";

/** Is the owner of this run known to be dead, though its lease has not run out? The walk or the take-over is about to take the run from it. */
export async function isOwnerDead(tx: Tx, { owner }: Pick<LockedRun, "owner">): Promise<boolean> {
  const { rows } = await tx.query(`WITH ${HELD_LOCKS} SELECT FROM tape.workers w WHERE w.id = $1 AND NOT ${IS_ALIVE}`, [owner]);
  return rows.length > 0;
}
