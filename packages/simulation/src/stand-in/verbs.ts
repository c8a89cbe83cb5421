import type * as store from "@tape/store";
import { remote, say } from "./remote.ts";

export const cancelRun = remote("cancelRun");
export const compensateRun = remote("compensateRun");
export const compensationPlan = remote("compensationPlan", "read");
export const getRun = remote("getRun", "read");
export const readJournal = remote("readJournal", "read");
export const redriveRun = remote("redriveRun");
export const settleAbandonedRuns = remote("settleAbandonedRuns");
export const startRun = remote("startRun");

/** A connection that says nothing for a quarter of the shortest lease is given up. */
export const commitRuns: typeof store.commitRuns = async (_, commits) => {
  const timeoutMs = Math.max(1_000, Math.min(10_000, ...commits.map(({ ttlMs }) => ttlMs / 4)));
  return await say("commitRuns", "statement", [[...commits]], { timeoutMs });
};
export const claimRuns = remote("claimRuns", "statement");
export const noticeCancel = remote("noticeCancel");
export const readForDriver = remote("readForDriver", "statement");
export const recordLateOutcome = remote("recordLateOutcome");
export const renewLeases = remote("renewLeases", "statement");
export const settleRun = remote("settleRun");
export const takeOverRuns = remote("takeOverRuns", "statement");
export const unparkRun = remote("unparkRun", "statement");

export const claimEffectsToCheck = remote("claimEffectsToCheck", "read");
export const nextCheckAt = remote("nextCheckAt", "read");
export const recordObservation = remote("recordObservation");
export const resendEffect = remote("resendEffect");

export const claimOutbox = remote("claimOutbox", "read");
export const markInFlight = remote("markInFlight");
export const nextOutboxAt = remote("nextOutboxAt", "read");
export const recordDispatch = remote("recordDispatch");
export const recoverOutbox = remote("recoverOutbox");
export const reserveBusinessKey = remote("reserveBusinessKey");

export const claimDuplicates = remote("claimDuplicates", "read");
export const recordDuplicate = remote("recordDuplicate");
export const releaseDuplicate = remote("releaseDuplicate", "read");

export const claimWalks = remote("claimWalks", "statement");
export const nextReversal = remote("nextReversal");
export const recordReversal = remote("recordReversal");
export const releaseWalk = remote("releaseWalk");

export const sendSignal = remote("sendSignal");

export const cancelTimer = remote("cancelTimer");
export const claimTimers = remote("claimTimers", "read");
export const fireDueTimers = remote("fireDueTimers");
export const nextTimerAt = remote("nextTimerAt", "read");
export const setTimer = remote("setTimer");
export const timerFailed = remote("timerFailed");
export const timersHandled = remote("timersHandled");

export const deleteValue = remote("deleteValue");
export const getValue = remote("getValue", "read");
export const setValue = remote("setValue");

export const forgetDeadWorkers = remote("forgetDeadWorkers", "read");
export const leaveWorker = remote("leaveWorker", "read");
export const registerWorker = remote("registerWorker");
