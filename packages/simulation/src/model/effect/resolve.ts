import { effectMachine, TapeError, type Json } from "@tape/core";
import { requireRole, serializeBody } from "@tape/store";
import type * as store from "@tape/store";
import { appendAudit } from "../audit.ts";
import type { EffectRow, Model, RunRow } from "../model.ts";
import { isDriven } from "../run/lock.ts";
import { assertText } from "../text.ts";
import type { VerbOf } from "../verb.ts";
import { isInFlight, lockEffect } from "./lock.ts";
import { canBeSent, retryEffect } from "./retry.ts";
import { toEffect } from "./row.ts";
import { settleEffect } from "./settle.ts";

/** A person's word on an effect that is UNKNOWN, or PENDING and that nobody is at. */
export const resolveEffect: VerbOf<typeof store.resolveEffect> = (model, { id, outcome, reason, result, actor }) => {
  requireRole(actor, "operator", "settle an effect");
  assertText(reason, "reason", { max: 2000 });
  serializeBody(result, "result");
  const { run, effect } = lockEffect(model, id);
  const { status: from } = effect;
  const refused = whyNotSettled(model, run, effect) ?? (outcome === "retry" ? whyNotRetried(model, run, effect) : null);
  if (refused !== null) throw new TapeError("illegal_transition", refused, { status: from, runStatus: run.status });
  const settlement = { by: "person" as const, actor: actor.id, reason };
  if (outcome === "confirmed") settleEffect(model, run, effect, { status: "confirmed", result: result as Json }, settlement);
  if (outcome === "failed") settleEffect(model, run, effect, { status: "failed", error: { name: "EffectFailed", message: reason } }, settlement);
  if (outcome === "retry") retryEffect(model, run, effect, settlement);
  appendAudit(model, { actor: actor.id, action: "effect.resolve", target: id, runId: run.id, details: { outcome, reason, tool: effect.tool, from } });
  return toEffect(model, effect);
};

function whyNotSettled(model: Model, run: RunRow, effect: EffectRow): string | null {
  const { id, status, dispatch } = effect;
  if (effectMachine.ended.includes(status)) return `The effect ${id} is ${status}: its outcome stands.`;
  if (status === "PENDING" && dispatch === "INLINE" && isDriven(model, run)) return `The effect ${id} is being performed by ${run.owner}.`;
  if (status === "PENDING" && isInFlight(model, effect)) return `The effect ${id} is being sent at this moment.`;
  return null;
}

function whyNotRetried(model: Model, run: RunRow, effect: EffectRow): string | null {
  const { id, status, semantics } = effect;
  if (status === "PENDING") return `The effect ${id} is PENDING: it is sent without being asked to.`;
  if (!canBeSent(run, effect)) return `The run of the effect ${id} is ${run.status}, so nobody would send it.`;
  if (semantics === "NON_IDEMPOTENT" && !isKnownAbsent(model, effect)) return `The effect ${id} is NON_IDEMPOTENT and may have happened.`;
  return null;
}

/** Was its absence the last that was heard of it? */
function isKnownAbsent(model: Model, { runId, id }: EffectRow): boolean {
  const last = model.journals.get(runId)!.findLast(({ kind, ref }) => kind === "effect" && ref === id);
  return (last?.payload as { observation?: string } | undefined)?.observation === "absent";
}
