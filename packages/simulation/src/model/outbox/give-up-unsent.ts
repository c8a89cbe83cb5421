import { loseEffect } from "../effect/lose.ts";
import { settleEffect } from "../effect/settle.ts";
import type { EffectRow, Model, RunRow } from "../model.ts";

/** What was not sent when its run ended otherwise than well is not sent any more (D17); what may have been is UNKNOWN. */
export function giveUpUnsent(model: Model, run: RunRow, effect: EffectRow, { mayHaveHappened = false }: { mayHaveHappened?: boolean } = {}): void {
  const wasSent = effect.semantics === "IDEMPOTENT" && effect.attempts > 1;
  if (mayHaveHappened || wasSent) return loseEffect(model, run, effect, { reason: `its run was ${run.status} before it was sent again`, checkable: true });
  const error = { name: "RunCancelled", message: `its run was ${run.status} before this was sent` };
  settleEffect(model, run, effect, { status: "failed", error }, { by: "outbox", reason: "cancelled" });
}
