import type { Happening, RecordedError } from "@tape/core";
import { append } from "../append.ts";
import { iso } from "../iso.ts";
import type { Model, ObligationRow, RunRow } from "../model.ts";
import { plain } from "../text.ts";

/** A person's retry gives as many again. */
export const MOST_ATTEMPTS = 5;
/** What is kept of an attempt whose worker never said how it ended. */
export const LOST_ATTEMPT = "its worker was lost while it undid this";
const MOST_MS = 60_000;
const MOST_CHARACTERS = 2_000;

/** An obligation was undone. */
export function settleReversal(
  model: Model,
  run: RunRow,
  obligation: ObligationRow,
  { attempt, by, result, durationMs }: { attempt: number; by: string; result?: unknown; durationMs?: number },
): void {
  const { id: obligationId, effectId } = obligation;
  obligation.status = "COMPENSATED";
  obligation.attempts = attempt;
  obligation.nextAttemptAt = null;
  obligation.claim = obligation.claimExpiresAt = null;
  obligation.settledAt = model.now;
  const payload = { obligationId, effectId, by, ...(result !== undefined && { result }), ...(durationMs !== undefined && { durationMs }) };
  append(model, { runId: run.id, happenings: [{ kind: "obligation", verb: "compensated", payload }], armed: -1 });
}

/** An attempt failed and another follows: after 1 s, twice as long after each, at most 60 s. Answers when (ms). */
export function postponeReversal(model: Model, run: RunRow, obligation: ObligationRow, { attempt, error }: { attempt: number; error: RecordedError }): number {
  const { id: obligationId, effectId } = obligation;
  const inMs = Math.min(1_000 * 2 ** ((attempt % MOST_ATTEMPTS) - 1), MOST_MS);
  obligation.attempts = attempt;
  obligation.lastError = messageOf(error);
  obligation.nextAttemptAt = model.now + inMs;
  obligation.claim = obligation.claimExpiresAt = null;
  const payload = { obligationId, effectId, attempt, error, nextAttemptAt: iso(obligation.nextAttemptAt) };
  append(model, { runId: run.id, happenings: [{ kind: "obligation", verb: "attempt_failed", payload }] });
  return inMs;
}

/** The last attempt failed: the obligation is STUCK. Its entry, and the counter, are the caller's to append. */
export function stopReversal(model: Model, obligation: ObligationRow, { attempt, error }: { attempt: number; error: RecordedError }): { happening: Happening; message: string } {
  const message = messageOf(error);
  obligation.status = "STUCK";
  obligation.attempts = attempt;
  obligation.lastError = message;
  obligation.nextAttemptAt = null;
  obligation.claim = obligation.claimExpiresAt = null;
  return { happening: { kind: "obligation", verb: "stuck", payload: { obligationId: obligation.id, effectId: obligation.effectId, error } }, message };
}

/** A longer message stands in the journal alone. */
function messageOf({ message }: RecordedError): string {
  return plain(message.slice(0, MOST_CHARACTERS));
}
