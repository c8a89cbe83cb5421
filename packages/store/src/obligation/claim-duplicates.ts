import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { toReversal, type Reversal } from "../walk/next-reversal.ts";
import type { LoadedCompensator } from "../walk/claim.ts";
import { PLACE } from "./row.ts";

/** An extra copy that is to be undone. */
export interface CopyToUndo extends Reversal {
  runId: string;
  /** Goes back with the report. */
  claim: string;
}

/** One that is not reported on within this time is taken by the next (ms). */
const CLAIM_MS = 120_000;

/** `$1` and `$2` the loaded compensators by app and name, `$3` limit, `$4` how long the claim holds. */
const CLAIM = {
  name: "tape_claim_duplicates",
  text: `
WITH loaded AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::text[]) AS loaded (app, compensator)),
due AS MATERIALIZED (
  SELECT o.run_id, o.id FROM tape.obligations o JOIN tape.runs r ON r.id = o.run_id
  WHERE o.status = 'PENDING' AND (o.reason = 'duplicate' OR r.status = 'COMPENSATED') AND o.next_attempt_at <= tape.now()
    AND EXISTS (SELECT FROM loaded WHERE loaded.app = r.app AND loaded.compensator = o.kind)
  ORDER BY o.next_attempt_at, o.id LIMIT $3 FOR UPDATE OF o SKIP LOCKED
),
o AS (
  UPDATE tape.obligations o SET next_attempt_at = tape.now() + $4 * interval '1 ms' FROM due WHERE o.run_id = due.run_id AND o.id = due.id RETURNING o.*
)
SELECT o.id, o.run_id AS "runId", o.effect_id AS "effectId", o.effect_key AS "effectKey", o.kind, o.connector, o.payload, o.attempts, ${PLACE} AS place,
  extract(epoch FROM o.next_attempt_at)::text AS claim
FROM o`,
};

/**
 * Takes extra copies that are due to be undone and whose compensator is loaded here, in runs of any status (D18), and what
 * came to light of a run after its walk was over. Any number of workers may call it at once. Report each with
 * `recordDuplicate`.
 */
export async function claimDuplicates(store: Store, { compensators, limit }: { compensators: readonly LoadedCompensator[]; limit: number }): Promise<CopyToUndo[]> {
  const values = [compensators.map(({ app }) => app), compensators.map(({ compensator }) => compensator), limit, CLAIM_MS];
  const rows = await read<Parameters<typeof toReversal>[0] & { runId: string; claim: string }>(store, { ...CLAIM, values });
  return rows.map(({ claim, ...row }) => ({ ...toReversal(row), runId: row.runId, claim }));
}
