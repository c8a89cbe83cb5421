import type { Json, SettledBy } from "@tape/core";
import { appendToRun } from "../journal/append.ts";
import { obligationOf, registeredEntry, registerObligation } from "../obligation/register.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";
import type { EffectRow } from "./row.ts";
import type { Outcome } from "./settle.ts";

/**
 * Journals an outcome that contradicts the one that stands, and changes nothing else (D12): but what was done owes its
 * inverse, whatever the record says.
 */
export async function contradictEffect(tx: Tx, run: LockedRun, effect: EffectRow, outcome: Outcome, by: SettledBy): Promise<void> {
  const isConfirmed = outcome.status === "confirmed";
  const obligation = isConfirmed ? (outcome.obligation ?? obligationOf(effect, outcome.result)) : undefined;
  const result = (isConfirmed ? outcome.result : outcome.error) as Json;
  const { firstSeq } = await appendToRun(tx, {
    runId: run.id,
    happenings: [
      { kind: "effect", verb: "conflict", payload: { effectId: effect.id, key: effect.key, outcome: outcome.status, result, standing: effect.status, by } },
      ...(obligation ? [registeredEntry(obligation, { effect, reason: "conflict" })] : []),
    ],
  });
  if (obligation) await registerObligation(tx, obligation, { effect, position: firstSeq, reason: "conflict" });
}
