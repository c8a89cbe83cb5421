import { newId, type Happening } from "@tape/core";
import { parseBody } from "../body.ts";
import { plain } from "../driver/commit/plain.ts";
import { requestOf, type EffectRow } from "../effect/row.ts";
import { appendToRun } from "../journal/append.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";
import { registeredEntry } from "./register.ts";

/**
 * Arms one obligation per extra copy of an effect (D18), whatever the status of its run: each names its copy's reference,
 * and is undone beside any walk. Where nothing is known that could undo it, it is STUCK at once: a person takes it back.
 * A copy that is owed already is left as it is. The transaction holds the run's row.
 */
export async function armDuplicates(tx: Tx, run: LockedRun, effect: EffectRow, { refs, result }: { refs: readonly string[]; result: unknown }): Promise<void> {
  const known = await knownCopies(tx, effect);
  for (const ref of new Set(refs)) if (!known.has(ref)) await armCopy(tx, run, effect, { ref, result });
}

async function knownCopies(tx: Tx, { runId, id }: EffectRow): Promise<Set<string>> {
  const { rows } = await tx.query<{ payload: string }>("SELECT payload FROM tape.obligations WHERE run_id = $1 AND effect_id = $2 AND reason = 'duplicate'", [runId, id]);
  return new Set(rows.flatMap(({ payload }) => (parseBody(payload) as { copy?: { ref: string } }).copy?.ref ?? []));
}

async function armCopy(tx: Tx, run: LockedRun, effect: EffectRow, { ref, result }: { ref: string; result: unknown }): Promise<void> {
  const { compensator, tool } = effect;
  const owed = {
    id: newId("obl"),
    compensator: compensator ?? `${tool}/undo`,
    payload: JSON.stringify({ input: requestOf(effect), result: result ?? null, copy: { ref } }),
    summary: `Take back an extra copy of ${tool}: ${ref}`,
  };
  const which = { obligationId: owed.id, effectId: effect.id };
  const hopeless = `${tool} has no compensator: take the copy ${ref} back by hand, then say that it is done`;
  const happenings: Happening[] = [registeredEntry(owed, { effect, reason: "duplicate" }), { kind: "obligation", verb: "armed", payload: which }];
  if (compensator === null) happenings.push({ kind: "obligation", verb: "stuck", payload: { ...which, error: { name: "NoCompensator", message: hopeless } } });
  const { firstSeq } = await appendToRun(tx, { runId: run.id, happenings, armed: compensator === null ? 0 : 1 });
  await tx.query(
    `INSERT INTO tape.obligations (id, run_id, effect_id, effect_key, position, kind, connector, reason, status, payload, summary, last_error, next_attempt_at, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'duplicate', CASE WHEN $10 THEN 'STUCK' ELSE 'PENDING' END, $8, $9, CASE WHEN $10 THEN $11 END, CASE WHEN NOT $10 THEN tape.now() END, tape.now())`,
    [owed.id, run.id, effect.id, effect.key, firstSeq, owed.compensator, effect.connector, owed.payload, plain(owed.summary), compensator === null, plain(hopeless)],
  );
  tx.hint({ on: "reactors" });
}
