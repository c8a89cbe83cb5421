import { assertId, notFound } from "../identity.ts";
import { lockRun, type LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";
import { OBLIGATION_COLUMNS, type ObligationRow } from "./row.ts";

export interface LockedObligation extends ObligationRow {
  reason: "confirmed" | "duplicate" | "conflict";
  /** Until its next attempt (ms); 0 when it is due. */
  dueInMs: number;
  /** Whoever is undoing it: the walk under its lease, or `claimDuplicates`. */
  claim: string | null;
  /** It is claimed beside any walk, and that has not run out. */
  isClaimed: boolean;
}

export const LOCKED_OBLIGATION = `${OBLIGATION_COLUMNS}, o.reason, o.claim, COALESCE(o.claim_expires_at > tape.now(), false) AS "isClaimed", COALESCE(GREATEST(0, ceil(extract(epoch FROM o.next_attempt_at - tape.now()) * 1000)), 0)::float8 AS "dueInMs"`;

/**
 * Locks an obligation's run, then the obligation, and reads both after: what they say holds until the transaction ends.
 *
 * @throws {TapeError} `not_found`
 */
export async function lockObligation(tx: Tx, id: string): Promise<{ run: LockedRun; obligation: LockedObligation }> {
  assertId("obl", id);
  const { rows } = await tx.query<{ runId: string }>(`SELECT run_id AS "runId" FROM tape.obligations WHERE id = $1`, [id]);
  if (!rows[0]) throw notFound("obl", id);
  const run = await lockRun(tx, rows[0].runId);
  const locked = await tx.query<LockedObligation>(`SELECT ${LOCKED_OBLIGATION} FROM tape.obligations o WHERE o.run_id = $1 AND o.id = $2 FOR UPDATE`, [run.id, id]);
  if (!locked.rows[0]) throw notFound("obl", id);
  return { run, obligation: locked.rows[0] };
}
