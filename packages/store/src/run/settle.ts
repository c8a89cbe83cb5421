import { effectMachine, statesLeftBy, type Happening, type RecordedError } from "@tape/core";
import { parseBody } from "../body.ts";
import { freeBusinessKeys } from "../effect/business-key.ts";
import type { Settlement } from "../effect/settle.ts";
import { groupBy } from "../group-by.ts";
import { appendEntries, type Append, type Move } from "../journal/append.ts";
import type { Tx } from "../transaction.ts";
import type { LockedRun } from "./lock.ts";

/** A run that no driver holds any more, or is about to. */
export type Settling = Pick<Append, "lease" | "gates"> &
  Move & {
    run: LockedRun;
    /** Who settles it: said of what is not sent any more. */
    settlement: Settlement;
    /** What is said before its effects, and after them. */
    before?: readonly Happening[];
    after?: readonly Happening[];
  };

interface Pending {
  id: string;
  runId: string;
  key: string;
  connector: string | null;
  businessKey: string | null;
  mayHaveHappened: boolean;
  /** What its last try failed with, when its run is parked until the next: nothing has been begun since. */
  lastFailure: RecordedError | null;
}

/**
 * Settles runs: `settledAt` is set, and what is PENDING in them gets the truth (D14). An inline effect may have happened:
 * UNKNOWN, to be asked after at once; but in a run that is parked until the next try, its last try has failed, and so has
 * it. One of the outbox that nobody began to send did not happen, nor did anything by a tool that only reads: FAILED,
 * `cancelled`. What is being sent at this moment is left to whoever sends it. The transaction holds the rows of the runs.
 */
export async function settleRuns(tx: Tx, settlings: readonly Settling[]): Promise<void> {
  const pending = groupBy(await lockPending(tx, settlings), ({ runId }) => runId);
  const of = ({ run }: Settling) => pending.get(run.id) ?? [];
  const appended = await appendEntries(
    tx,
    settlings.map((settling) => {
      const { run, settlement, before = [], after = [], ...move } = settling;
      const effects = of(settling);
      const told = effects.map((effect) => endingOf(effect, run, settlement));
      return { ...move, runId: run.id, happenings: [...before, ...told, ...after], openEffects: -effects.filter(({ mayHaveHappened }) => !mayHaveHappened).length, settles: true };
    }),
  );
  const ended = settlings.flatMap((settling) => {
    const first = appended.get(settling.run.id)!.firstSeq + (settling.before?.length ?? 0);
    return of(settling).map((effect, place) => ({ ...effect, seq: first + place }));
  });
  if (ended.length > 0) await keep(tx, ended);
}

async function lockPending(tx: Tx, settlings: readonly Settling[]): Promise<Pending[]> {
  const open = settlings.flatMap(({ run }) => (run.openEffects > 0 ? [run.id] : []));
  if (open.length === 0) return [];
  const parked = settlings.flatMap(({ run }) => (run.status === "WAITING" ? [run.id] : []));
  const { rows } = await tx.query<Omit<Pending, "lastFailure"> & { isSent: boolean; lastVerb: string | null; lastBody: string | null }>(
    `SELECT f.id, f.run_id AS "runId", f.key, f.connector, f.business_key AS "businessKey", CASE WHEN f.dispatch = 'INLINE' THEN f.semantics <> 'OBSERVE_ONLY' ELSE f.semantics = 'IDEMPOTENT' AND f.attempts > 1 END AS "mayHaveHappened",
       f.dispatch = 'OUTBOX' AS "isSent",
       last.verb AS "lastVerb", last.body AS "lastBody"
     FROM tape.effects f LEFT JOIN LATERAL (
       SELECT e.verb, b.body FROM tape.entries e JOIN tape.bodies b USING (run_id, seq)
       WHERE e.run_id = f.run_id AND e.run_id = ANY ($3) AND e.kind = 'effect' AND e.ref = f.id ORDER BY e.seq DESC LIMIT 1
     ) last ON true
     WHERE f.run_id = ANY ($1) AND f.status = ANY ($2) AND (f.dispatch = 'INLINE' OR f.in_flight_at IS NULL)
     ORDER BY f.run_id, f.created_at, f.id FOR UPDATE OF f`,
    [open, statesLeftBy(effectMachine, "lose"), parked],
  );
  return rows.map(({ isSent, lastVerb, lastBody, ...row }) => {
    // A sending that failed may still have arrived, if its key makes it safe to send again.
    const lastFailure = lastVerb === "attempt_failed" && !(isSent && row.mayHaveHappened) ? (parseBody(lastBody) as { error: RecordedError }).error : null;
    return { ...row, lastFailure, mayHaveHappened: row.mayHaveHappened && lastFailure === null };
  });
}

function endingOf({ id, key, mayHaveHappened, lastFailure }: Pending, run: LockedRun, settlement: Settlement): Happening {
  const step = { effectId: id, key };
  if (mayHaveHappened) return { kind: "effect", verb: "unknown", payload: { ...step, reason: "nobody is left who could say how it ended" } };
  if (lastFailure !== null) return { kind: "effect", verb: "failed", payload: { ...step, ...settlement, error: lastFailure } };
  const hadEnded = run.status === "COMPLETED" || run.status === "FAILED";
  const error = { name: "RunCancelled", message: `its run was ${hadEnded ? "to be compensated" : "cancelled"} before this was done` };
  return { kind: "effect", verb: "failed", payload: { ...step, ...settlement, reason: "cancelled", error } };
}

async function keep(tx: Tx, ended: readonly (Pending & { seq: number })[]): Promise<void> {
  await tx.query(
    `UPDATE tape.effects e SET due_at = NULL, claim = NULL, claim_expires_at = NULL, checks = 0,
       status = CASE WHEN f.lost THEN 'UNKNOWN' ELSE 'FAILED' END, outcome_seq = CASE WHEN NOT f.lost THEN f.seq END,
       settled_at = CASE WHEN NOT f.lost THEN tape.now() END, unknown_since = CASE WHEN f.lost THEN tape.now() END, next_check_at = CASE WHEN f.lost THEN tape.now() END
     FROM unnest($1::text[], $2::text[], $3::bool[], $4::int[]) AS f (run_id, key, lost, seq)
     WHERE e.run_id = f.run_id AND e.key = f.key AND e.status = ANY ($5)`,
    [
      ended.map(({ runId }) => runId),
      ended.map(({ key }) => key),
      ended.map(({ mayHaveHappened }) => mayHaveHappened),
      ended.map(({ seq }) => seq),
      statesLeftBy(effectMachine, "lose"),
    ],
  );
  await freeBusinessKeys(tx, ended.filter(({ mayHaveHappened }) => !mayHaveHappened));
  if (ended.some(({ mayHaveHappened }) => mayHaveHappened)) tx.hint({ on: "reactors" });
}
