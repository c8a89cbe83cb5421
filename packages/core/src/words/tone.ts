import type { EffectStatus } from "../machine/effect.ts";
import type { GateOutcome, GateStatus } from "../machine/gate.ts";
import type { ObligationStatus } from "../machine/obligation.ts";
import type { RunStatus } from "../machine/run.ts";
import type { TimerStatus } from "../machine/timer.ts";
import type { WhyWaiting } from "../wire/run.ts";
import type { SinkStatus } from "../wire/sink.ts";

/**
 * The five hues of the product. quiet: done or dormant. live: something is happening. person: someone has to decide.
 * operator: someone has to repair. undone: taken back, or being taken back.
 */
export const TONES = ["quiet", "live", "person", "operator", "undone"] as const;
export type Tone = (typeof TONES)[number];

/** Names of lucide icons. A tone never stands alone: it comes with its icon and its word. */
export type IconName =
  | "alarm-clock"
  | "arrow-right-left"
  | "bell"
  | "bookmark"
  | "check"
  | "circle-dashed"
  | "circle-question-mark"
  | "circle-slash"
  | "cpu"
  | "dices"
  | "flag"
  | "git-branch"
  | "hourglass"
  | "life-buoy"
  | "loader"
  | "moon"
  | "play"
  | "rotate-ccw"
  | "send"
  | "sparkles"
  | "timer-off"
  | "triangle-alert"
  | "undo-2"
  | "user"
  | "user-check"
  | "user-x"
  | "wallet"
  | "x";

/** How one state looks and reads, wherever it is shown. `struck`: drawn with a line through it. */
export interface StateWords {
  readonly tone: Tone;
  readonly word: string;
  readonly icon: IconName;
  readonly struck?: true;
}

export const RUN_WORDS: Readonly<Record<RunStatus, StateWords>> = {
  RUNNABLE: { tone: "live", word: "queued", icon: "circle-dashed" },
  RUNNING: { tone: "live", word: "running", icon: "loader" },
  WAITING: { tone: "quiet", word: "waiting", icon: "hourglass" },
  COMPENSATING: { tone: "undone", word: "compensating", icon: "undo-2" },
  STUCK: { tone: "operator", word: "stuck", icon: "triangle-alert" },
  COMPLETED: { tone: "quiet", word: "completed", icon: "check" },
  FAILED: { tone: "operator", word: "failed", icon: "x" },
  CANCELLED: { tone: "quiet", word: "cancelled", icon: "circle-slash", struck: true },
  COMPENSATED: { tone: "undone", word: "compensated", icon: "undo-2" },
};

export const EFFECT_WORDS: Readonly<Record<EffectStatus, StateWords>> = {
  PENDING: { tone: "live", word: "running", icon: "loader" },
  CONFIRMED: { tone: "quiet", word: "confirmed", icon: "check" },
  FAILED: { tone: "operator", word: "failed", icon: "x" },
  UNKNOWN: { tone: "operator", word: "unknown", icon: "circle-question-mark" },
};

export const GATE_WORDS: Readonly<Record<GateStatus, StateWords>> = {
  OPEN: { tone: "person", word: "open", icon: "user" },
  DECIDED: { tone: "quiet", word: "decided", icon: "user-check" },
  TIMED_OUT: { tone: "quiet", word: "timed out", icon: "timer-off" },
  CANCELLED: { tone: "quiet", word: "cancelled", icon: "circle-slash", struck: true },
};

export const GATE_OUTCOME_WORDS: Readonly<Record<GateOutcome, StateWords>> = {
  approved: { tone: "quiet", word: "approved", icon: "user-check" },
  rejected: { tone: "quiet", word: "rejected", icon: "user-x" },
  timed_out: GATE_WORDS.TIMED_OUT,
  cancelled: GATE_WORDS.CANCELLED,
};

export const OBLIGATION_WORDS: Readonly<Record<ObligationStatus, StateWords>> = {
  REGISTERED: { tone: "quiet", word: "can be undone", icon: "undo-2" },
  PENDING: { tone: "undone", word: "undoing", icon: "undo-2" },
  COMPENSATED: { tone: "undone", word: "undone", icon: "undo-2" },
  STUCK: { tone: "operator", word: "stuck", icon: "triangle-alert" },
  WAIVED: { tone: "quiet", word: "waived", icon: "circle-slash", struck: true },
};

export const TIMER_WORDS: Readonly<Record<TimerStatus, StateWords>> = {
  ARMED: { tone: "quiet", word: "armed", icon: "alarm-clock" },
  FIRED: { tone: "quiet", word: "fired", icon: "check" },
  CANCELLED: { tone: "quiet", word: "cancelled", icon: "circle-slash", struck: true },
};

export const SINK_WORDS: Readonly<Record<SinkStatus, StateWords>> = {
  DELIVERING: { tone: "quiet", word: "delivering", icon: "check" },
  RETRYING: { tone: "operator", word: "failing", icon: "triangle-alert" },
  STOPPED: { tone: "operator", word: "stopped", icon: "circle-slash" },
};

/** A run's words. A WAITING run takes the tone of what it waits for: an outcome that only a person can
 * settle needs an operator, a gate needs a person, a sleep needs nobody. */
export function runWords(status: RunStatus, whyWaiting: readonly Pick<WhyWaiting, "code">[] = []): StateWords {
  const words = RUN_WORDS[status];
  if (status !== "WAITING") return words;
  const codes = new Set(whyWaiting.map((why) => why.code));
  if (codes.has("effect_needs_person") || codes.has("no_connector")) return { tone: "operator", word: "needs an operator", icon: "life-buoy" };
  if (codes.has("gate")) return { tone: "person", word: "waiting for a person", icon: "user" };
  if (codes.has("effect_unsettled")) return { tone: "live", word: "waiting for an outcome", icon: "hourglass" };
  if (codes.has("sleep")) return { ...words, word: "sleeping", icon: "moon" };
  return words;
}

export function runStatusTone(status: RunStatus, whyWaiting?: readonly Pick<WhyWaiting, "code">[]): Tone {
  return runWords(status, whyWaiting).tone;
}

export function effectTone(status: EffectStatus): Tone {
  return EFFECT_WORDS[status].tone;
}

export function gateWords(status: GateStatus, outcome: GateOutcome | null = null): StateWords {
  return status === "DECIDED" && outcome !== null ? GATE_OUTCOME_WORDS[outcome] : GATE_WORDS[status];
}

export function gateTone(status: GateStatus): Tone {
  return GATE_WORDS[status].tone;
}
