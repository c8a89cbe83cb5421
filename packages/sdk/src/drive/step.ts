import type { RecordedError, StepHistory, StepKind, Wait } from "@tape/core";
import type { DriverRecord } from "@tape/store";
import type { AgentDefinition } from "../define/agent.ts";
import type { Run } from "../run.ts";
import type { Budget } from "./budget.ts";
import type { LateOutcome } from "./journal.ts";

/** What a step brings to the code. */
export type Outcome = { ok: true; value: unknown } | { ok: false; error: RecordedError };

/** Something that the code asked of its run. */
export interface StepSpec {
  kind: StepKind;
  /** The tool, gate, signal or decision; part of the key. */
  name: string;
  /** Of the arguments. Another one than the recorded stops the run. Null where a step has none. */
  fingerprint: string | null;
  /**
   * Begins the step once every recorded step was asked: `recorded` is what the journal knows of it, null when it is
   * new. Called once per drive, synchronously; what it records is committed in order.
   */
  begin(live: LiveStep, recorded: StepHistory | null): void;
  /** Turns the recorded outcome into what the code gets. Default: the value, or the error thrown. */
  open?(outcome: Outcome): unknown;
  /** May the record differ? A gate that reached nobody may be asked again with another payload (D30). */
  mayChange?(recorded: StepHistory): boolean;
  /**
   * Agent code with a budget gate gets this in the place of the error: more steps, asked where this one was. Rejects with
   * the error when there is nothing to be done about it.
   */
  rescue?(error: unknown, run: Run, agent: AgentDefinition): Promise<unknown>;
  /** An answer to it is a decision: what the code does next in the scope is caused by it. */
  decides?: boolean;
}

/** What a step may do while the run is driven live. */
export interface LiveStep {
  readonly key: string;
  readonly runId: string;
  /** How long a lease lasts without being renewed. */
  readonly ttlMs: number;
  /** What the run may spend on model calls. */
  readonly budget: Pick<Budget, "admit" | "settle">;
  /** Aborted when the run is cancelled, its lease is lost or its worker stops. */
  readonly signal: AbortSignal;
  /** The database's clock as this process knows it: ms since 1970. For words, never for deadlines. */
  now(): number;
  /** Puts records in the journal's order now; resolves once they are committed. Never resolves when the drive is over. */
  record(...records: DriverRecord[]): Promise<void>;
  /** The same for one record, but resolves also when it stands and the run was cancelled meanwhile: look at `isOver` before you act. */
  commit(record: DriverRecord): Promise<void>;
  /** Work that keeps the run from being parked or ended. `body`: agent or tool code, which may not open steps (D7). */
  perform(work: () => Promise<void>): void;
  body<T>(name: string, run: () => Promise<T> | T): Promise<T>;
  /** Waits for an act that is performed elsewhere; a cancelled run is not settled before it is told. */
  hold<T>(told: Promise<T>): Promise<T>;
  /** Renews the lease for a body that is alive. @throws {LeaseLost} */
  heartbeat(): Promise<void>;
  /** Has the run been cancelled? */
  isCancelled(): Promise<boolean>;
  /** What the code was told does not hold any more: ends the drive at the next boundary, and the next one tells it anew. */
  again(): void;
  /** Hands the outcome to the code, with the records that say so, when its turn comes. */
  give(outcome: Outcome, records: DriverRecord[]): void;
  /** Parks the run on this, until `arrived` is called with what came. */
  wait(wait: Wait, arrived: (arrival: Arrival) => void): void;
  /** The next early signal of that name, taken. */
  takeSignal(name: string): { signalId: string; payload: unknown } | null;
  /** Which use of its name in this run a new gate is. */
  nextOccurrence(gate: string): number;
  nextDecisionIndex(): number;
  /** Reports the outcome of a body that finished after the drive was over. */
  reportLate(effectId: string, outcome: LateOutcome["outcome"]): void;
  /** Nothing is recorded or handed over any more: what a body brings is reported late. */
  isOver(): boolean;
  /** The run was cancelled, and its drive waits for the bodies that still run: their outcomes are all taken. */
  isDraining(): boolean;
}

/** What came for something the run waits for. */
export type Arrival =
  | { on: "gate"; outcome: unknown }
  | { on: "signal"; signalId: string; payload: unknown }
  | { on: "signal_timeout" }
  | { on: "sleep" }
  | { on: "effect"; outcome: Outcome }
  | { on: "effect_retry" };

/** A step that was asked and has not reached the code yet. */
export interface Asked {
  key: string;
  spec: StepSpec;
  begun: boolean;
  /** Runs something where the code asked it: in the same run, with the same async context. */
  inPlace<T>(work: () => T): T;
  settle(outcome: Outcome): void;
}
