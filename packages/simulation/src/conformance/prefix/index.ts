import type { Make } from "../command/context.ts";
import * as act from "./acts.ts";

/** Moves the clock by so much (ms), instead of a call. */
export type Act = Make | { afterMs: number };

const LATER: Act = { afterMs: 5_000 };
const TAKEN_FOR_DEAD: Act = { afterMs: 61_000 };

const driven = [act.start, act.claim];
const unknown = [...driven, act.wire, act.lose];
const owing = [...driven, act.wire, act.confirm, act.wire, act.confirm];
const walking = [...owing, act.complete, act.compensate, act.walk, act.undo];
const stuck = [...walking, act.giveUp];
const sending = [...driven, act.pay, act.send, act.mark];
const copied = [...sending, act.sendLost, act.check, act.seenTwice];
const noCompensator = [...driven, act.noteOut, act.send, act.mark, act.sendLost, act.check, act.seenTwice];
const asked = [...driven, act.openGate, act.parkOnGate];
const parked = [...driven, act.parkOnSignal];
const timed = [...driven, act.setTimer];

/** Where a history may begin: states that chance alone reaches seldom. Between them, every state of every machine. */
export const PREFIXES = {
  nothing: [],
  runnable: [act.start],
  driven,
  parked,
  woken: [...parked, act.signal],
  redriven: [...parked, act.redrive],
  completed: [...owing, act.complete],
  failed: [...owing, act.throws],
  cancelled: [...owing, act.parkOnSignal, act.cancel],
  strayed: [...owing, act.strays],
  strayedThenCancelled: [...owing, act.strays, act.cancel],
  strayedThenRedriven: [...owing, act.strays, act.redrive],
  silent: [...owing, act.wire, TAKEN_FOR_DEAD],
  cancelledUnderway: [...owing, act.wire, act.cancel],
  compensatedUnderway: [...owing, act.wire, act.cancel, act.compensate],
  left: [...owing, act.wire, act.look, act.pay, act.cancel, act.leave],
  abandoned: [...owing, act.wire, act.cancel, TAKEN_FOR_DEAD, act.settleAbandoned],
  cancelledBetweenTries: [...driven, act.wire, act.tryLater, act.cancel],
  suspect: [...driven, TAKEN_FOR_DEAD, act.takeOver],
  poisoned: [...driven, TAKEN_FOR_DEAD, act.takeOver, TAKEN_FOR_DEAD, act.takeOver],
  walkerLost: [...walking, ...Array.from({ length: 5 }, () => [TAKEN_FOR_DEAD, act.walk, act.undo]).flat()],
  betweenAttempts: [...walking, act.failsOnce, act.undo],

  owing,
  owingParked: [...owing, act.parkOnSignal],
  owingRunnable: [...owing, act.parkOnSignal, act.signal],
  walking,
  stuck,
  triedAgain: [...stuck, act.resolve("retry"), act.walk],
  waived: [...stuck, act.resolve("waived"), act.walk, act.undo],
  compensated: [...stuck, act.resolve("done"), act.walk, act.undo, act.undone, act.undo],

  pending: [...driven, act.wire],
  unknown,
  refused: [...driven, act.wire, act.fail],
  waitingForOutcome: [...unknown, act.parkOnEffect],
  toldConfirmed: [...unknown, act.parkOnEffect, act.settle("confirmed")],
  toldFailed: [...unknown, act.parkOnEffect, act.settle("failed")],
  toldAgain: [...unknown, act.parkOnEffect, act.settle("retry")],
  noCompensator,
  noCompensatorParked: [...noCompensator, act.parkOnSignal],
  sending,
  sendingCancelled: [...sending, act.parkOnSignal, act.cancel],
  sendingCompensated: [...sending, act.complete, act.compensate],
  unsentCompensated: [...driven, act.pay, act.complete, act.compensate],
  senderLost: [...sending, { afterMs: 91_000 }, act.recover],
  senderLostAgain: [...driven, act.wireOut, act.send, act.mark, { afterMs: 91_000 }, act.recover],
  copied,
  copiedThenWalked: [...copied, act.complete, act.compensate, act.walk],

  asked,
  decided: [...asked, act.decide],
  timedOut: [...asked, LATER, act.fire],
  withdrawn: [...asked, act.cancel],

  timed,
  handled: [...timed, act.claimTimer, act.handled],
  redrivenByTimer: [...driven, act.redriveAt, act.parkOnSignal, act.claimTimer],
  reconciledByTimer: [...unknown, act.check, act.reconcileAt, act.claimTimer],
  handlerLost: [...timed, ...Array.from({ length: 5 }, () => [act.claimTimer, TAKEN_FOR_DEAD]).flat()],
  awaited: [...driven, act.awaitSignal, act.parkOnSignal],
  overdue: [...driven, act.awaitSignal, act.parkOnSignal, LATER],
  timerCancelled: [...timed, act.cancelTimer],
  written: [act.setValue],
  deleted: [act.setValue, act.deleteValue],
} as const satisfies Record<string, readonly Act[]>;

export type PrefixName = keyof typeof PREFIXES;
