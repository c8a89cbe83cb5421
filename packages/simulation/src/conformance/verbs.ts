import * as store from "@tape/store";
import * as model from "../model/index.ts";

type Store = store.Store;
type Model = model.Model;

interface Verb<Rest extends unknown[], Answer> {
  real(store: Store, ...rest: Rest): Promise<Answer>;
  ideal(model: Model, ...rest: Rest): Answer;
}

/** What the store does, beside what the model says of it. */
function held<Rest extends unknown[], Answer>(real: (store: Store, ...rest: Rest) => Promise<Answer>, ideal: (model: Model, ...rest: Rest) => Answer): Verb<Rest, Answer> {
  return { real, ideal };
}

export const VERBS = {
  startRun: held(store.startRun, model.startRun),
  startRuns: held(store.startRuns, model.startRuns),
  getRun: held(store.getRun, model.getRun),
  cancelRun: held(store.cancelRun, model.cancelRun),
  redriveRun: held(store.redriveRun, model.redriveRun),
  settleAbandonedRuns: held(store.settleAbandonedRuns, model.settleAbandonedRuns),
  compensateRun: held(store.compensateRun, model.compensateRun),
  compensationPlan: held(store.compensationPlan, model.compensationPlan),

  claimRuns: held(store.claimRuns, model.claimRuns),
  takeOverRuns: held(store.takeOverRuns, model.takeOverRuns),
  commitRuns: held(store.commitRuns, model.commitRuns),
  readForDriver: held(store.readForDriver, model.readForDriver),
  readJournal: held(store.readJournal, model.readJournal),
  recordLateOutcome: held(store.recordLateOutcome, model.recordLateOutcome),
  renewLeases: held(store.renewLeases, model.renewLeases),
  unparkRun: held(store.unparkRun, model.unparkRun),
  noticeCancel: held(store.noticeCancel, model.noticeCancel),
  settleRun: held(store.settleRun, model.settleRun),

  registerWorker: held(store.registerWorker, model.registerWorker),
  beatWorker: held(store.beatWorker, model.beatWorker),
  leaveWorker: held(store.leaveWorker, model.leaveWorker),
  forgetDeadWorkers: held(store.forgetDeadWorkers, model.forgetDeadWorkers),
  listWorkers: held(store.listWorkers, model.listWorkers),

  decideGate: held(store.decideGate, model.decideGate),
  extendGate: held(store.extendGate, model.extendGate),
  getGate: held(store.getGate, model.getGate),
  sendSignal: held(store.sendSignal, model.sendSignal),

  setTimer: held(store.setTimer, model.setTimer),
  cancelTimer: held(store.cancelTimer, model.cancelTimer),
  getTimer: held(store.getTimer, model.getTimer),
  claimTimers: held(store.claimTimers, model.claimTimers),
  timerFailed: held(store.timerFailed, model.timerFailed),
  timerHandled: held(store.timerHandled, model.timerHandled),
  timersHandled: held(store.timersHandled, model.timersHandled),
  fireDueTimers: held(store.fireDueTimers, model.fireDueTimers),
  nextTimerAt: held(store.nextTimerAt, model.nextTimerAt),

  setValue: held(store.setValue, model.setValue),
  deleteValue: held(store.deleteValue, model.deleteValue),
  getValue: held(store.getValue, model.getValue),
  valueHistory: held(store.valueHistory, model.valueHistory),
  readVersions: held(store.readVersions, model.readVersions),
  writeValues: held(({ pool }, writes: readonly store.ValueWrite[]) => store.writeValues(pool, writes), model.writeValues),

  getEffect: held(store.getEffect, model.getEffect),
  claimEffectsToCheck: held(store.claimEffectsToCheck, model.claimEffectsToCheck),
  nextCheckAt: held(store.nextCheckAt, model.nextCheckAt),
  recordObservation: held(store.recordObservation, model.recordObservation),
  resendEffect: held(store.resendEffect, model.resendEffect),
  resolveEffect: held(store.resolveEffect, model.resolveEffect),

  claimOutbox: held(store.claimOutbox, model.claimOutbox),
  markInFlight: held(store.markInFlight, model.markInFlight),
  nextOutboxAt: held(store.nextOutboxAt, model.nextOutboxAt),
  recordDispatch: held(store.recordDispatch, model.recordDispatch),
  recoverOutbox: held(store.recoverOutbox, model.recoverOutbox),
  reserveBusinessKey: held(store.reserveBusinessKey, model.reserveBusinessKey),

  claimDuplicates: held(store.claimDuplicates, model.claimDuplicates),
  recordDuplicate: held(store.recordDuplicate, model.recordDuplicate),
  releaseDuplicate: held(store.releaseDuplicate, model.releaseDuplicate),
  resolveObligation: held(store.resolveObligation, model.resolveObligation),

  claimWalks: held(store.claimWalks, model.claimWalks),
  nextReversal: held(store.nextReversal, model.nextReversal),
  recordReversal: held(store.recordReversal, model.recordReversal),
  releaseWalk: held(store.releaseWalk, model.releaseWalk),
};

export type VerbName = keyof typeof VERBS;

/** One call of a verb, as it can be written into a test. */
export type Call = { [Name in VerbName]: { verb: Name; input: Parameters<(typeof VERBS)[Name]["real"]>[1] } }[VerbName];

export function callOf<Name extends VerbName>(verb: Name, input: Parameters<(typeof VERBS)[Name]["real"]>[1]): Call {
  return { verb, input } as Call;
}
