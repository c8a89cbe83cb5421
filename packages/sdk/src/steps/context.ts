import type { EffectContext } from "../define/effect.ts";
import type { Run } from "../run.ts";

/** The idempotency key of the tool call that `ctx` belongs to: pass it to the counterparty. */
export function idempotencyKey(ctx: Pick<EffectContext, "key">): string {
  return ctx.key;
}

/** The run that a tool body or agent code belongs to. */
export function runIdOf(ctx: Pick<EffectContext, "runId"> | Run): string {
  return "runId" in ctx ? ctx.runId : ctx.id;
}
