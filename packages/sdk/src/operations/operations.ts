import type { CompensationPlan, Entry, Page, Run as RunRecord, RunFilter, RunSummary, ValueChange } from "@tape/core";
import type { AgentDefinition } from "../define/agent.ts";
import type { heartbeat, isCancelled } from "../steps/context.ts";
import type { awaitSignal } from "../steps/signal.ts";
import type { JournalPage, WatchJournalOptions } from "./feed.ts";
import type { SignalOptions } from "./signal.ts";
import type { RunHandle, StartOptions } from "./start.ts";
import type { RunTarget } from "./target.ts";
import type { SetTimer, TimerOptions } from "./timer.ts";
import type { LiveValue, SetValueOptions, WrittenValue } from "./value.ts";
import type { WatchOptions } from "./watch.ts";

/**
 * What can be done with runs, timers and values.
 *
 * In agent code each is a step: done once, recorded, and answered the same on every drive, refusals included. There an
 * error is a `StepFailed` with the `code` of what was refused; `VersionConflict` and `RunCancelled` keep their class. The
 * arguments must be the same on every drive. Inside the body of a tool each acts at once and is done again when the body is;
 * writes of values are refused with `lease_lost` once another worker has the run.
 *
 * From outside, `unavailable` (the database is away) may have been kept or not: all but `sendSignal` and `start` without a
 * key may simply be asked again.
 */
export interface Operations {
  /**
   * Starts a run. In agent code it is a step: the same child on every drive.
   *
   * @throws {TapeError} `invalid_input` with the path of each field, `invocation_conflict` for an invocation with another input
   */
  start<Input, Output>(agent: AgentDefinition<Input, Output>, input: Input, options?: StartOptions): Promise<RunHandle<Output>>;

  /**
   * Cancels a run for good: its status is CANCELLED at once, `ctx.signal` of a body that still runs is aborted, and no
   * further model or tool is called. What was done stays done; `compensateRun` is a decision of its own. Asked twice, the
   * first reason stands.
   *
   * Agent code that cancels its own run gets `RunCancelled` for an answer, and nothing that it asks after that is done.
   *
   * @param options.reason for people, 1 to 2,000 characters
   * @throws {TapeError} `not_found`; `illegal_transition` with the status of a run that has ended otherwise
   */
  cancelRun(run: RunTarget, options: { reason: string }): Promise<void>;

  /**
   * Has the effects of an ended run undone, the newest first, once no driver holds it and none of them is PENDING or
   * UNKNOWN. Resolves when it is asked for, not when it is done. Asked twice, it is done once.
   *
   * @param options.reason for people, 1 to 2,000 characters
   * @throws {TapeError} `not_found`; `illegal_transition` for a run that is live or STUCK, saying what to do
   */
  compensateRun(run: RunTarget, options: { reason: string }): Promise<void>;

  /** What compensating a run would undo, or is undoing, in order, with sums. Changes nothing. @throws {TapeError} `not_found` */
  compensationPlan(run: RunTarget): Promise<CompensationPlan>;

  /** Drives a WAITING or STUCK run again. @throws {TapeError} `not_found`; `illegal_transition` with its status and what to do instead */
  redrive(run: RunTarget, options: { reason: string }): Promise<void>;

  /**
   * Sends a named message to a run; kept until it is awaited.
   *
   * @throws {TapeError} `not_found`; `illegal_transition` for a run that has ended; `invalid_input` for a name that begins with `gate.`; `payload_too_large` over 1 MiB
   */
  sendSignal(run: RunTarget, name: string, payload?: unknown, options?: SignalOptions): Promise<{ signalId: string }>;
  awaitSignal: typeof awaitSignal;

  /**
   * Arms a timer of a run: when it is due its handler (`onTimer`) runs, at least once; `redrive` and `reconcile` need none.
   * The same id again re-arms it, also one that has fired. The timers of a run are cancelled with its end.
   *
   * @param timerId of your choice, unique in its run
   * @returns when it is due
   * @throws {TapeError} `not_found`; `illegal_transition` for a run that has ended; `invalid_input`
   */
  setTimer(run: RunTarget, timerId: string, options: TimerOptions): Promise<SetTimer>;

  /** Disarms a timer. @throws {TapeError} `not_found`; `illegal_transition` for one that has fired, saying so */
  cancelTimer(run: RunTarget, timerId: string): Promise<void>;

  /**
   * Writes JSON of at most 1 MiB at `(namespace, key)`, for everybody who watches it. Versions rise by one with each write
   * and delete. `{ done, total, label? }` at `runs/<runId>` / `progress` is drawn as a bar.
   *
   * @throws {VersionConflict} with `currentVersion`, when `ifVersion` or `ifNotLive` does not hold
   * @throws {TapeError} `invalid_input`; `payload_too_large`; in a body `lease_lost`
   */
  setValue(namespace: string, key: string, value: unknown, options?: SetValueOptions): Promise<WrittenValue>;

  /** The live value, or null. In agent code what was read is recorded, value included. */
  getValue<T = unknown>(namespace: string, key: string): Promise<LiveValue<T> | null>;

  /**
   * Deletes a live value: a version of its own, after which `getValue` gives null.
   *
   * @throws {VersionConflict} with `currentVersion`, when `ifVersion` does not hold
   * @throws {TapeError} `not_found` for a value that is not live
   */
  deleteValue(namespace: string, key: string, options?: { ifVersion?: number }): Promise<WrittenValue>;

  /**
   * Every version after `fromVersion` in order, each with the one before, and then each new one as it is written; `skipped`
   * says how many the history no longer has. Ends when the signal is aborted, when you `break`, and when the tape is closed.
   *
   * @throws {TapeError} `invalid_input` in agent code and in bodies, where `awaitSignal` and `getValue` are what to use
   */
  watchValue(namespace: string, key: string, options?: WatchOptions): AsyncIterable<ValueChange>;

  heartbeat: typeof heartbeat;
  isCancelled: typeof isCancelled;

  /** @throws {TapeError} `not_found` */
  getRun(run: RunTarget): Promise<RunRecord>;
  /** Newest first, in pages of at most 200. */
  listRuns(options?: { filter?: RunFilter; cursor?: string; limit?: number }): Promise<Page<RunSummary>>;
  /** Entries after `fromSeq` (exclusive; 0 for all), in order. */
  readJournal(run: RunTarget, options?: { fromSeq?: number; limit?: number }): Promise<Page<Entry>>;

  /**
   * The journals of all runs as one feed, in pages that are never empty, for ever: none of the entries is skipped, those of
   * a run come in the order of `seq`, the order between runs says nothing. Begin again with the cursor of the last page you
   * have dealt with. A transaction that stays open for long delays the feed. Ends when the signal is aborted, when you
   * `break`, and when the tape is closed. For deliveries that outlive your process define a sink (`defineConfig({ sinks })`).
   *
   * @throws {TapeError} `invalid_input` for what is no cursor of this database; in agent code and in bodies
   */
  watchJournal(options?: WatchJournalOptions): AsyncIterable<JournalPage>;
}
