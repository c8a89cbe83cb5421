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
  silent: [...owing, act.wire, TAKEN_FOR_DEAD],
  cancelledUnderway: [...owing, act.wire, act.cancel],
  compensatedUnderway: [...owing, act.wire, act.cancel, act.compensate],

  owing,
  walking,
  stuck,
  triedAgain: [...stuck, act.resolve("retry"), act.walk],
  waived: [...stuck, act.resolve("waived"), act.walk, act.undo],
  compensated: [...stuck, act.resolve("done"), act.walk, act.undo, act.undone, act.undo],

  pending: [...driven, act.wire],
  unknown,
  refused: [...driven, act.wire, act.fail],
  resolved: [...unknown, act.parkOnSignal],
  sending,
  copied,
  copiedThenWalked: [...copied, act.complete, act.compensate, act.walk],

  asked,
  decided: [...asked, act.decide],
  timedOut: [...asked, LATER, act.fire],
  withdrawn: [...asked, act.cancel],

  timed,
  handled: [...timed, act.claimTimer, act.handled],
  timerCancelled: [...timed, act.cancelTimer],
  written: [act.setValue],
  deleted: [act.setValue, act.deleteValue],
} as const satisfies Record<string, readonly Act[]>;

export type PrefixName = keyof typeof PREFIXES;
