import { newId, type Happening } from "@tape/core";
import { append } from "../append.ts";
import { requestOf } from "../effect/row.ts";
import { ofRun, type EffectRow, type Model, type RunRow } from "../model.ts";
import { plain } from "../text.ts";
import { registeredEntry, registerObligation } from "./register.ts";

/**
 * Arms one obligation per extra copy of an effect (D18), whatever the status of its run; STUCK at once where nothing is
 * known that could undo it. A copy that is owed already is left as it is.
 */
export function armDuplicates(model: Model, run: RunRow, effect: EffectRow, { refs, result }: { refs: readonly string[]; result: unknown }): void {
  const known = ofRun(model.obligations, run.id)
    .filter(({ effectId, reason }) => effectId === effect.id && reason === "duplicate")
    .map(({ payload }) => (JSON.parse(payload) as { copy?: { ref: string } }).copy?.ref);
  for (const ref of new Set(refs)) if (!known.includes(ref)) armCopy(model, run, effect, { ref, result });
}

function armCopy(model: Model, run: RunRow, effect: EffectRow, { ref, result }: { ref: string; result: unknown }): void {
  const { compensator, connector, tool } = effect;
  const owed = {
    id: newId("obl"),
    compensator: compensator ?? `${tool}/undo`,
    payload: JSON.stringify({ input: requestOf(model, effect), result: result ?? null, copy: { ref } }),
    summary: `Take back an extra copy of ${tool}: ${ref}`,
    ...(connector !== null && { connector }),
  };
  const which = { obligationId: owed.id, effectId: effect.id };
  const hopeless = `${tool} has no compensator: take the copy ${ref} back by hand, then say that it is done`;
  const happenings: Happening[] = [registeredEntry(owed, { effect, reason: "duplicate" }), { kind: "obligation", verb: "armed", payload: which }];
  if (compensator === null) happenings.push({ kind: "obligation", verb: "stuck", payload: { ...which, error: { name: "NoCompensator", message: hopeless } } });
  const { firstSeq } = append(model, { runId: run.id, happenings, armed: compensator === null ? 0 : 1 });
  const copy = registerObligation(model, owed, { effect, position: firstSeq, reason: "duplicate" });
  copy.status = compensator === null ? "STUCK" : "PENDING";
  copy.lastError = compensator === null ? plain(hopeless) : null;
  copy.nextAttemptAt = compensator === null ? null : model.now;
  model.hints.push({ on: "reactors" });
}
