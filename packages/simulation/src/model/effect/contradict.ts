import type { Json, SettledBy } from "@tape/core";
import { append } from "../append.ts";
import type { EffectRow, Model, RunRow } from "../model.ts";
import { obligationOf, registeredEntry, registerObligation } from "../obligation/register.ts";
import type { Outcome } from "./settle.ts";

/**
 * Journals an outcome that contradicts the one that stands, and changes nothing else (D12): but what was done owes its
 * inverse, whatever the record says. When the walk of its run is over already, it is undone at once, as an extra copy is.
 * The same outcome said twice is one.
 */
export function contradictEffect(model: Model, run: RunRow, effect: EffectRow, outcome: Outcome, by: SettledBy): void {
  const result = (outcome.status === "confirmed" ? outcome.result : outcome.error) as Json;
  if (isSaid(model, effect, "conflict", { result })) return;
  const owed = outcome.status === "confirmed" ? (outcome.obligation ?? obligationOf(model, effect, outcome.result, outcome.externalRef)) : undefined;
  const isArmed = owed !== undefined && run.status === "COMPENSATED";
  const { firstSeq } = append(model, {
    runId: run.id,
    happenings: [
      { kind: "effect", verb: "conflict", payload: { effectId: effect.id, key: effect.key, outcome: outcome.status, result, standing: effect.status, by } },
      ...(owed ? [registeredEntry(owed, { effect, reason: "conflict" })] : []),
      ...(isArmed ? [{ kind: "obligation", verb: "armed", payload: { obligationId: owed.id, effectId: effect.id } } as const] : []),
    ],
    armed: isArmed ? 1 : 0,
  });
  if (!owed) return;
  const obligation = registerObligation(model, owed, { effect, position: firstSeq, reason: "conflict" });
  if (!isArmed) return;
  obligation.status = "PENDING";
  obligation.nextAttemptAt = model.now;
  model.hints.push({ on: "reactors" });
}

/** Is there such an entry of the effect? A report may come again when its acknowledgement was lost. */
export function isSaid(model: Model, { runId, id }: EffectRow, verb: "late_failure" | "conflict", said: { result?: unknown; error?: unknown }): boolean {
  const told = ({ result, error }: { result?: unknown; error?: unknown }) => JSON.stringify([result ?? null, error ?? null]);
  return model.journals.get(runId)!.some((entry) => entry.kind === "effect" && entry.verb === verb && entry.ref === id && told(entry.payload as object) === told(said));
}
