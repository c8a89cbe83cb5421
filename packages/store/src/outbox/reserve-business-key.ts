import { TapeError, type EffectStatus, type RunStatus } from "@tape/core";
import { assertId } from "../identity.ts";
import { hasEnded } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { assertText } from "../text.ts";
import { inTransaction, type Tx } from "../transaction.ts";

export interface ReserveBusinessKey {
  connector: string;
  /** The caller's identity of the logical operation: unique per connector, across all runs (D22). */
  businessKey: string;
  runId: string;
  /** The step that is about to intend it. */
  effectKey: string;
}

interface Holder {
  runId: string;
  effectKey: string;
}

/**
 * Reserves a business key for a step, before its intent is committed. The same step may ask again. A key is free when
 * the effect that had it FAILED, or when its run has ended without ever intending it; it outlives its run (D36).
 *
 * @throws {TapeError} `business_key_taken` with `details.runId`: whose it is; `invalid_input`
 */
export async function reserveBusinessKey(store: Store, { connector, businessKey, runId, effectKey }: ReserveBusinessKey): Promise<void> {
  assertText(connector, "connector", { max: 200 });
  assertText(businessKey, "businessKey", { max: 500 });
  assertId("run", runId);
  await inTransaction(store, async (tx) => {
    // One that is given back between the two statements is asked for again.
    while (!(await insert(tx, { connector, businessKey, runId, effectKey }))) {
      const holder = await lockHolder(tx, connector, businessKey);
      if (!holder) continue;
      if (holder.runId === runId && holder.effectKey === effectKey) return;
      if (!(await isFree(tx, holder))) {
        throw new TapeError("business_key_taken", `The business key ${businessKey} of ${connector} belongs to run ${holder.runId}: look there for what became of it.`, { connector, businessKey, runId: holder.runId });
      }
      await tx.query("UPDATE tape.business_keys SET run_id = $3, effect_key = $4, created_at = tape.now() WHERE connector = $1 AND business_key = $2", [connector, businessKey, runId, effectKey]);
      return;
    }
  });
}

async function insert(tx: Tx, { connector, businessKey, runId, effectKey }: ReserveBusinessKey): Promise<boolean> {
  const { rowCount } = await tx.query(
    "INSERT INTO tape.business_keys (connector, business_key, run_id, effect_key, created_at) VALUES ($1, $2, $3, $4, tape.now()) ON CONFLICT DO NOTHING",
    [connector, businessKey, runId, effectKey],
  );
  return rowCount === 1;
}

async function lockHolder(tx: Tx, connector: string, businessKey: string): Promise<Holder | undefined> {
  const { rows } = await tx.query<Holder>(
    `SELECT run_id AS "runId", effect_key AS "effectKey" FROM tape.business_keys WHERE connector = $1 AND business_key = $2 FOR UPDATE`,
    [connector, businessKey],
  );
  return rows[0];
}

/** One snapshot: a run that is seen ended has all its intents seen with it. */
async function isFree(tx: Tx, { runId, effectKey }: Holder): Promise<boolean> {
  const { rows } = await tx.query<{ status: RunStatus; endedAs: string | null; effect: EffectStatus | null }>(
    `SELECT r.status, r.ended_as AS "endedAs", e.status AS effect FROM tape.runs r LEFT JOIN tape.effects e ON e.run_id = r.id AND e.key = $2 WHERE r.id = $1`,
    [runId, effectKey],
  );
  const [holder] = rows;
  if (!holder) return false;
  return holder.effect === null ? hasEnded(holder) : holder.effect === "FAILED";
}
