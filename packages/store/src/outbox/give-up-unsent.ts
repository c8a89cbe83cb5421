import type { EffectRow } from "../effect/row.ts";
import { settleEffect } from "../effect/settle.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";

/** What was not sent when its run ended otherwise than well is not sent any more (D17). */
export async function giveUpUnsent(tx: Tx, run: LockedRun, effect: EffectRow): Promise<void> {
  const error = { name: "RunCancelled", message: `its run was ${run.status} before this was sent` };
  await settleEffect(tx, run, effect, { status: "failed", error }, { by: "outbox", reason: "cancelled" });
}
