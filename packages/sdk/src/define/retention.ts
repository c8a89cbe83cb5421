import { TapeError } from "@tape/core";

/** How a run may have ended for good. */
export type RetainedStatus = "COMPLETED" | "FAILED" | "CANCELLED" | "COMPENSATED";
const RETAINED_STATUSES: readonly RetainedStatus[] = ["COMPLETED", "FAILED", "CANCELLED", "COMPENSATED"];

/**
 * What becomes of old runs, counted from their last entry (ms). Nothing is dropped or deleted unless it is said here, and never
 * what is unsettled: an open effect, a driver or an armed obligation, a run that is STUCK or COMPENSATING, and what a sink has
 * not passed. The audit log, invocations and business keys stay for ever.
 */
export interface RetentionOptions {
  /** Payloads of ended runs go after this long: inputs, outputs, requests, answers. The lines of the journal stay, and say `dropped`. */
  bodiesAfterMs?: number;
  /** Ended runs go altogether after this long, for each way they may have ended or for all; what is not named stays. */
  runsAfterMs?: number | Partial<Record<RetainedStatus, number>>;
  /**
   * How long after its end a run with effects that can be undone may be compensated, at least: until then it is not deleted.
   * Default: it is never deleted while there is something to undo.
   */
  compensableForMs?: number;
}

/** @throws {TapeError} `invalid_input` naming the option */
export function checkRetention({ bodiesAfterMs, runsAfterMs, compensableForMs }: RetentionOptions): void {
  checkAge("bodiesAfterMs", bodiesAfterMs);
  checkAge("compensableForMs", compensableForMs);
  if (typeof runsAfterMs !== "object" || runsAfterMs === null) return checkAge("runsAfterMs", runsAfterMs);
  for (const [status, afterMs] of Object.entries(runsAfterMs)) {
    if (!RETAINED_STATUSES.includes(status as RetainedStatus)) throw new TapeError("invalid_input", `retention: runsAfterMs is for ${RETAINED_STATUSES.join(", ")}, and ${status} is none`);
    checkAge(`runsAfterMs.${status}`, afterMs);
  }
}

function checkAge(option: string, ms: number | undefined): void {
  if (ms !== undefined && !(Number.isSafeInteger(ms) && ms >= 0)) throw new TapeError("invalid_input", `retention: ${option} is a whole number of milliseconds, 0 or more`);
}
