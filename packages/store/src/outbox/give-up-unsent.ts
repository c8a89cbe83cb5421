import type { EffectRow } from "../effect/row.ts";
import { loseEffect } from "../effect/lose.ts";
import { settleEffect } from "../effect/settle.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";

/**
 * What was not sent when its run ended otherwise than well is not sent any more (D17). One that an earlier sending may have
 * brought about is UNKNOWN: of an IDEMPOTENT one that is sent again, nobody knows how that ended.
 */
export async function giveUpUnsent(tx: Tx, run: LockedRun, effect: EffectRow, { mayHaveHappened = false }: { mayHaveHappened?: boolean } = {}): Promise<void> {
  const wasSent = effect.semantics === "IDEMPOTENT" && effect.attempts > 1;
  if (mayHaveHappened || wasSent) return await loseEffect(tx, run, effect, { reason: `its run was ${run.status} before it was sent again`, checkable: true });
  const error = { name: "RunCancelled", message: `its run was ${run.status} before this was sent` };
  await settleEffect(tx, run, effect, { status: "failed", error }, { by: "outbox", reason: "cancelled" });
}
