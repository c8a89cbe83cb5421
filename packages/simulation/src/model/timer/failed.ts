import type * as store from "@tape/store";
import { append } from "../append.ts";
import { iso } from "../iso.ts";
import type { Model, TimerRow } from "../model.ts";
import { hasEnded, lockRun } from "../run/lock.ts";
import { plain } from "../text.ts";
import type { VerbOf } from "../verb.ts";
import { claimedTimer } from "./lock-claimed.ts";
import { settleTimers, told, voided } from "./settle.ts";

/** The first one included. */
export const MOST_ATTEMPTS = 5;
/** After the first failure; twice as long after each (ms). */
const FIRST_RETRY_MS = 1_000;
/** So much of an error is kept (characters). */
const MOST_TEXT = 2_000;

/** The handler of this timer threw: it is handed out again after 1 s, 2 s, 4 s and 8 s; after the fifth failure it is FIRED, and its run is not moved. */
export const timerFailed: VerbOf<typeof store.timerFailed> = (model, { error, ...report }) => {
  const lastError = plain(error.replaceAll("\0", "")).slice(0, MOST_TEXT);
  const timer = claimedTimer(model, report);
  if (!timer) return { retryInMs: null };
  const isOver = hasEnded(lockRun(model, timer.runId));
  if (!isOver && timer.attempts + 1 < MOST_ATTEMPTS) return { retryInMs: retry(model, timer, lastError) };
  settleTimers(model, [isOver ? voided(timer) : { timer, to: "FIRED", happenings: [told(timer, "fired", { lastError })], ends: () => false, lastError }]);
  return { retryInMs: null };
};

function retry(model: Model, timer: TimerRow, error: string): number {
  const { runId, id, kind } = timer;
  const retryInMs = FIRST_RETRY_MS * 2 ** timer.attempts;
  const at = model.now + retryInMs;
  timer.attempts += 1;
  timer.lastError = error;
  timer.claim = null;
  timer.claimExpiresAt = at;
  append(model, { runId, happenings: [{ kind: "timer", verb: "attempt_failed", payload: { timerId: id, kind, attempt: timer.attempts, error, nextAttemptAt: iso(at) } }] });
  model.hints.push({ on: "timer", at });
  return retryInMs;
}
