import type { Json, SettledBy } from "@tape/core";
import { parseBody } from "../body.ts";
import { appendToRun } from "../journal/append.ts";
import { obligationOf, registeredEntry, registerObligation } from "../obligation/register.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";
import type { EffectRow } from "./row.ts";
import type { Outcome } from "./settle.ts";

/**
 * Journals an outcome that contradicts the one that stands, and changes nothing else (D12): but what was done owes its
 * inverse, whatever the record says. When the walk of its run is over already, it is undone at once, as an extra copy is.
 * The same outcome said twice is one.
 */
export async function contradictEffect(tx: Tx, run: LockedRun, effect: EffectRow, outcome: Outcome, by: SettledBy): Promise<void> {
  const isConfirmed = outcome.status === "confirmed";
  const result = (isConfirmed ? outcome.result : outcome.error) as Json;
  if (await isSaid(tx, effect, "conflict", { result })) return;
  const obligation = isConfirmed ? (outcome.obligation ?? obligationOf(effect, outcome.result, outcome.externalRef)) : undefined;
  const isArmed = obligation !== undefined && run.status === "COMPENSATED";
  const { firstSeq } = await appendToRun(tx, {
    runId: run.id,
    happenings: [
      { kind: "effect", verb: "conflict", payload: { effectId: effect.id, key: effect.key, outcome: outcome.status, result, standing: effect.status, by } },
      ...(obligation ? [registeredEntry(obligation, { effect, reason: "conflict" })] : []),
      ...(isArmed ? [{ kind: "obligation", verb: "armed", payload: { obligationId: obligation.id, effectId: effect.id } } as const] : []),
    ],
    armed: isArmed ? 1 : 0,
  });
  if (obligation) await registerObligation(tx, obligation, { effect, position: firstSeq, reason: "conflict", isArmed });
  if (isArmed) tx.hint({ on: "reactors" });
}

/** A report may be sent again when its acknowledgement was lost: is its entry there? */
export async function isSaid(tx: Tx, { runId, id }: EffectRow, verb: "late_failure" | "conflict", said: { result?: unknown; error?: unknown }): Promise<boolean> {
  const { rows } = await tx.query<{ body: string }>(
    `SELECT b.body FROM tape.entries e JOIN tape.bodies b USING (run_id, seq) WHERE e.run_id = $1 AND e.ref = $2 AND e.kind = 'effect' AND e.verb = $3`,
    [runId, id, verb],
  );
  const told = ({ result, error }: { result?: unknown; error?: unknown }) => JSON.stringify([result ?? null, error ?? null]);
  return rows.some(({ body }) => told(parseBody(body) as object) === told(said));
}
