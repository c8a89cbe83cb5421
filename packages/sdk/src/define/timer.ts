import { BUILT_IN_TIMER_KINDS, TapeError } from "@tape/core";
import { checkName } from "./name.ts";

/** A timer that is due, as its handler gets it. */
export interface DueTimer {
  readonly runId: string;
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  /** When it was due, ISO 8601 UTC. */
  readonly fireAt: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Aborted when the worker stops. */
  readonly signal: AbortSignal;
}

/**
 * What is done when a timer of its kind is due. At least once: a worker that dies before it has said so has it done
 * again, so it must be idempotent. What it throws is tried again with back-off, five times in all.
 */
export type TimerHandler = (timer: DueTimer) => Promise<void> | void;

/** Kinds that fire by themselves; nobody else handles them. */
const OWN: readonly string[] = BUILT_IN_TIMER_KINDS.filter((kind) => kind !== "redrive" && kind !== "reconcile");

/** @throws {TapeError} `invalid_input` for a kind that Tape handles itself */
export function checkHandledKind(kind: string): string {
  checkName("timer kind", kind);
  if (OWN.includes(kind)) throw new TapeError("invalid_input", `timers of the kind ${kind} fire by themselves; take another name, or redrive or reconcile`);
  return kind;
}
