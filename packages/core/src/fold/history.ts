import type { RecordedError } from "../error.ts";
import type { EffectStatus } from "../machine/effect.ts";
import type { BudgetHistory } from "./budget.ts";

export type StepKind = "decision" | "effect" | "gate" | "signal" | "sleep" | "sample" | "value" | "sent" | "child" | "timer";

/** What a step brings to the code: a value, or an error that is thrown. */
export type StepOutcome = { ok: true; value: unknown } | { ok: false; error: RecordedError };

/** One step of a run as its journal tells it. */
export interface StepHistory {
  key: string;
  kind: StepKind;
  name: string;
  /** Of the arguments, as they were recorded; null where a step has none. */
  fingerprint: string | null;
  /** The seq of the first record that says it was asked. */
  askedSeq: number;
  /** The seq at which its outcome reached the code; null: not yet. */
  givenSeq: number | null;
  outcome: StepOutcome | null;
  /** The seq of the outcome itself, where somebody else than the driver brought it. */
  arrivedSeq: number | null;
  /** Model calls begun, or tries of a tool body. */
  attempts: number;
  /** A decision's index, or which use of its name a gate is. */
  ordinal: number;
  /** Effects only. */
  status: EffectStatus | null;
  /** Effects only: the last try failed and the next one is not begun, as far as is known. */
  retry: PendingRetry | null;
  /** The effect, gate, signal or timer it stands for. */
  ref: string | null;
}

/** Between two tries of a retry policy. */
export interface PendingRetry {
  /** The one that failed. */
  attempt: number;
  error: RecordedError;
  /** When the next one may begin, by the database's clock. */
  dueAt: string;
  /** The timer that wakes the run then; null: its driver waits. */
  timerId: string | null;
}

/** Something the journal says in order: the code asked, or an outcome reached it. */
export interface ScriptLine {
  seq: number;
  give: boolean;
  key: string;
}

export interface EarlySignal {
  signalId: string;
  name: string;
  payload: unknown;
  seq: number;
}

/** What a journal says about the code of a run: what it asked, what it was given, what has arrived since. */
export interface RunHistory {
  input: unknown;
  steps: Map<string, StepHistory>;
  /** Which step a gate, timer or effect id stands for. */
  refs: Map<string, string>;
  /** Replay follows it line by line (D1). */
  script: ScriptLine[];
  /** Signals nobody took yet, oldest first. */
  signals: EarlySignal[];
  decisions: number;
  gatesByName: Map<string, number>;
  /** Timers that are armed: id → kind. */
  armed: Map<string, string>;
  budget: BudgetHistory;
  lastSeq: number;
}

