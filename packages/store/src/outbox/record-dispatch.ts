import { effectMachine, type Effect, type RecordedError } from "@tape/core";
import { recordLateOutcome } from "../driver/late.ts";
import { getEffect } from "../effect/get.ts";
import { lockEffect, type LockedEffect } from "../effect/lock.ts";
import { loseEffect } from "../effect/lose.ts";
import { claimLost } from "../effect/observe.ts";
import { canBeSent } from "../effect/retry.ts";
import { settleEffect, type Outcome } from "../effect/settle.ts";
import { storableOutcome } from "../effect/storable.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { giveUpUnsent } from "./give-up-unsent.ts";
import { sendLater } from "./send-later.ts";

/** What came of one sending (D23). */
export type DispatchOutcome =
  | Extract<Outcome, { status: "confirmed" }>
  /** Final: it did not happen and is not sent again. */
  | { status: "failed"; error: RecordedError }
  /** It was not sent, or its key makes it safe to send again (`mayHaveHappened`): due again, by back-off or after so long (ms). */
  | { status: "retry"; error: RecordedError; afterMs?: number; mayHaveHappened?: boolean }
  /** It may have happened. `checkable`: a reactor may settle it, else only a person. */
  | { status: "unknown"; error?: RecordedError; reason: string; checkable: boolean };

export interface RecordDispatch {
  effectId: string;
  /** As `claimOutbox` gave it. */
  claim: string;
  result: DispatchOutcome;
}

const BY = { by: "outbox" } as const;

/**
 * What came of sending an effect of the outbox, and the run that waits for it woken. A stale claim is refused; only a
 * CONFIRMED for an unsettled effect is taken from whoever performed it (D12). An outcome that stands is kept, and a
 * contradicting one is journaled as `effect.conflict`. The same report twice is one.
 *
 * @throws {TapeError} `not_found`; `lease_lost`, naming whose it is now
 */
export async function recordDispatch(store: Store, { effectId, claim, result }: RecordDispatch): Promise<Effect> {
  const ended = await inTransaction(store, async (tx) => {
    const { run, effect } = await lockEffect(tx, effectId);
    if (effectMachine.ended.includes(effect.status)) return effect;
    if (result.status === "confirmed") await settleEffect(tx, run, effect, storableOutcome(result), BY);
    else if (effect.claim !== claim || effect.status !== "PENDING") throw claimLost(effect);
    else await apply(tx, run, effect, result);
    return null;
  });
  if (ended && (result.status === "confirmed" || result.status === "failed")) {
    const outcome = result.status === "confirmed" ? storableOutcome(result) : result;
    await recordLateOutcome(store, { runId: ended.runId, effectId, key: ended.key, outcome });
  }
  return await getEffect(store, { id: effectId });
}

async function apply(tx: Tx, run: LockedRun, effect: LockedEffect, result: Exclude<DispatchOutcome, { status: "confirmed" }>): Promise<void> {
  switch (result.status) {
    case "failed":
      return await settleEffect(tx, run, effect, result, BY);
    case "retry":
      return canBeSent(run, effect) ? await sendLater(tx, run, effect, result) : await giveUpUnsent(tx, run, effect, result);
    case "unknown":
      return await loseEffect(tx, run, effect, result);
  }
}
