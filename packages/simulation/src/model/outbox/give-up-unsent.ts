import { settleEffect } from "../effect/settle.ts";
import type { EffectRow, Model, RunRow } from "../model.ts";

/** What was not sent when its run ended otherwise than well is not sent any more (D17). */
export function giveUpUnsent(model: Model, run: RunRow, effect: EffectRow): void {
  const error = { name: "RunCancelled", message: `its run was ${run.status} before this was sent` };
  settleEffect(model, run, effect, { status: "failed", error }, { by: "outbox", reason: "cancelled" });
}
