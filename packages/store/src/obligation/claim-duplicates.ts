import { newId } from "@tape/core";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { toReversal, type Reversal } from "../walk/next-reversal.ts";
import type { LoadedCompensator } from "../walk/claim.ts";
import { HELD_LOCKS, IS_ALIVE } from "../worker/presence.ts";
import { LOST_ATTEMPT } from "./attempted.ts";
import { recordDuplicate } from "./record-duplicate.ts";
import { PLACE } from "./row.ts";

/** An extra copy that is to be undone. */
export interface CopyToUndo extends Reversal {
  runId: string;
  /** Goes back with the report. */
  claim: string;
}

/** One that is not reported on within this time is taken by the next (ms). */
const CLAIM_MS = 120_000;

/** `$1` and `$2` the loaded compensators by app and name, `$3` limit, `$4` the claim, `$5` how long it holds. */
const CLAIM = {
  name: "tape_claim_duplicates",
  text: `
WITH ${HELD_LOCKS},
loaded AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::text[]) AS loaded (app, compensator)),
due AS MATERIALIZED (
  SELECT o.run_id, o.id, o.claim IS NOT NULL AS "isLost" FROM tape.obligations o JOIN tape.runs r ON r.id = o.run_id
  WHERE o.status = 'PENDING' AND (o.reason = 'duplicate' OR r.status = 'COMPENSATED') AND o.next_attempt_at <= tape.now()
    AND EXISTS (SELECT FROM loaded WHERE loaded.app = r.app AND loaded.compensator = o.kind)
    AND (o.claim IS NULL OR o.claim_expires_at <= tape.now() OR split_part(o.claim, '/', 1) IN (SELECT w.id FROM tape.workers w WHERE NOT ${IS_ALIVE}))
  ORDER BY o.next_attempt_at, o.id LIMIT $3 FOR UPDATE OF o SKIP LOCKED
),
o AS (
  UPDATE tape.obligations o SET claim = $4, claim_expires_at = tape.now() + $5 * interval '1 ms' FROM due WHERE o.run_id = due.run_id AND o.id = due.id RETURNING o.*, due."isLost"
)
SELECT o.id, o.run_id AS "runId", o.effect_id AS "effectId", o.effect_key AS "effectKey", o.kind, o.connector, o.payload, o.attempts, ${PLACE} AS place, o."isLost"
FROM o ORDER BY o.next_attempt_at, o.id`,
};

type Row = Parameters<typeof toReversal>[0] & { runId: string; isLost: boolean };

/**
 * Takes extra copies that are due to be undone and whose compensator is loaded here, in runs of any status (D18), and what
 * came to light of a run after its walk was over. Any number of workers may call it at once; none gets what another has,
 * unless that one is dead or has not reported for 120 s. Report each with `recordDuplicate`.
 *
 * A claim that was lost counts as an attempt: a compensator that takes its process with it each time gives up like one
 * that fails.
 */
export async function claimDuplicates(
  store: Store,
  { owner, compensators, limit }: { owner: string; compensators: readonly LoadedCompensator[]; limit: number },
): Promise<CopyToUndo[]> {
  const claim = `${owner}/${newId("rec")}`;
  const values = [compensators.map(({ app }) => app), compensators.map(({ compensator }) => compensator), limit, claim, CLAIM_MS];
  const rows = await read<Row>(store, { ...CLAIM, values });
  for (const { id: obligationId, attempts } of rows.filter(({ isLost }) => isLost)) {
    await recordDuplicate(store, { obligationId, claim, attempt: attempts + 1, owner, outcome: { status: "failed", error: { name: "WorkerLost", message: LOST_ATTEMPT } } });
  }
  return rows.filter(({ isLost }) => !isLost).map(({ isLost: _isLost, ...row }) => ({ ...toReversal(row), runId: row.runId, claim }));
}
