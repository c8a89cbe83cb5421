import type { Tx } from "../transaction.ts";

interface Keyed {
  runId: string;
  key: string;
  connector: string | null;
  businessKey: string | null;
}

/** A business key is unique among effects that are not FAILED (D22): these are. */
export async function freeBusinessKeys(tx: Tx, effects: readonly Keyed[]): Promise<void> {
  const keyed = effects.filter(({ businessKey }) => businessKey !== null);
  if (keyed.length === 0) return;
  await tx.query(
    `DELETE FROM tape.business_keys k USING unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS f (connector, business_key, run_id, effect_key)
     WHERE k.connector = f.connector AND k.business_key = f.business_key AND k.run_id = f.run_id AND k.effect_key = f.effect_key`,
    [keyed.map(({ connector }) => connector), keyed.map(({ businessKey }) => businessKey), keyed.map(({ runId }) => runId), keyed.map(({ key }) => key)],
  );
}
