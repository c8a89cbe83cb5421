import { appendToRun } from "../journal/append.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";
import type { EffectRow } from "./row.ts";

/** Between two questions about one effect: 1 s after the first, twice as long after each, at most this (ms). */
const MOST_MS = 300_000;
/** So many questions are journaled; what follows every five minutes is on the effect's row alone. */
const JOURNALED = 10;

/** How long to wait after so many questions, or sendings, before the next (ms). */
export function backoffMs(times: number): number {
  return Math.min(1_000 * 2 ** Math.max(0, times - 1), MOST_MS);
}

interface Postponement {
  observation: "absent" | "inconclusive";
  message?: string;
  /** From now (ms); null: it is not asked after any more. */
  nextInMs: number | null;
  needsPerson: boolean;
}

/** Leaves an effect UNKNOWN: when it is asked after next, or that only a person can tell. */
export async function postponeEffect(tx: Tx, run: LockedRun, effect: EffectRow, { observation, message, nextInMs, needsPerson }: Postponement): Promise<void> {
  const { rows } = await tx.query<{ checks: number; nextCheckAt: string | null }>(
    `UPDATE tape.effects SET checks = checks + 1, needs_person = needs_person OR $3, claim = NULL, claim_expires_at = NULL,
       next_check_at = CASE WHEN $4::float8 IS NOT NULL THEN tape.now() + $4 * interval '1 ms' END
     WHERE run_id = $1 AND key = $2 AND status = 'UNKNOWN' RETURNING checks, tape.iso(next_check_at) AS "nextCheckAt"`,
    [run.id, effect.key, needsPerson, nextInMs],
  );
  const { checks, nextCheckAt } = rows[0]!;
  if (checks > JOURNALED && needsPerson === effect.needsPerson) return;
  await appendToRun(tx, {
    runId: run.id,
    happenings: [{ kind: "effect", verb: "observed", payload: { effectId: effect.id, key: effect.key, observation, checks, nextCheckAt, message } }],
  });
}
