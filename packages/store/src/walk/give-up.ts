import type { Happening, StuckReason } from "@tape/core";
import { appendToRun } from "../journal/append.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Tx } from "../transaction.ts";

/** Stops the walk: the run is STUCK until a person has resolved the obligation. */
export async function giveUp(
  tx: Tx,
  run: LockedRun,
  { obligationId, message, before = [], armed = 0 }: { obligationId: string; message: string; before?: Happening[]; armed?: number },
): Promise<void> {
  const reason: StuckReason = { code: "compensation", message, obligationId };
  await appendToRun(tx, { runId: run.id, happenings: [...before, { kind: "run", verb: "stuck", payload: { reason } }], event: "give_up", stuck: reason, lease: "given_back", armed });
}
