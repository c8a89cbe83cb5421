import type { Tape } from "@tape/sdk";
import { claimTimers, timerFailed, timersHandled, type ClaimedTimer, type Store } from "@tape/store";
import type { Log } from "../log.ts";
import type { Pass } from "../loop.ts";
import { patiently } from "../patiently.ts";
import { within } from "../within.ts";
import { untilNextTimer } from "./next-timer.ts";
import { runHandler } from "./run-handler.ts";

export interface HandledTimersOptions {
  store: Store;
  /** This worker. */
  owner: string;
  /** Handlers by kind. `redrive` and `reconcile` need none: what they bring about, the store does once they are handled. */
  handlers: Tape["timerHandlers"];
  /** The kinds that are taken here; any other stays ARMED. */
  kinds: readonly { app: string; kind: string }[];
  /** At stop: how long handlers may take to finish (ms). */
  graceMs: number;
  /** How long one may take at all (ms). Default 30,000: half of what its claim lasts. */
  timeoutMs?: number;
  /** More may be due than there were places for, and there are some now. */
  onFree: () => void;
  log: Log;
}

export interface HandledTimers {
  pass: Pass;
  /** Waits for the handlers that run, for the grace period. What is left then stays claimed until its claim runs out. */
  drain(): Promise<void>;
  /** Ends the grace period at once. */
  hurry(): void;
}

/** Most handlers that run at the same time. None is claimed that does not run at once: a stop would leave it to its claim. */
const PLACES = 50;
/** How long a database that is away is waited for when a handler is through (ms). */
const PATIENCE_MS = 20_000;

/**
 * Runs the handlers of timers that are due: kinds of `onTimer`, and what comes before `redrive` and `reconcile`. At least
 * once: a timer is claimed, its handler runs, then it is marked fired, so a worker that dies in between has it handled
 * again by another. What a handler throws is tried again with back-off by the store, five times in all.
 *
 * A pass claims for the places that are free and does not wait for the handlers, so that a slow one holds up nobody.
 */
export function handledTimers({ store, owner, handlers, kinds, graceMs, timeoutMs = 30_000, onFree, log }: HandledTimersOptions): HandledTimers {
  const which = { kinds: [...new Set(kinds.map(({ kind }) => kind))], apps: [...new Set(kinds.map(({ app }) => app))] };
  const running = new Set<Promise<void>>();
  const handled: { timer: ClaimedTimer; reported: () => void }[] = [];
  let isReporting = false;
  /** More may be due than there are places for. */
  let isFull = false;
  let hurried = new AbortController();

  const writing = async (timers: readonly ClaimedTimer[], signal: AbortSignal, write: () => Promise<unknown>): Promise<void> => {
    try {
      await patiently({ forMs: PATIENCE_MS, signal }, write);
    } catch (error) {
      log.warn({ timers: timers.map(({ runId, id }) => ({ runId, id })), err: error }, "how timers were handled could not be written; they are handled again");
    }
  };

  /** All that end while a report is under way are one report. */
  const report = (timer: ClaimedTimer, signal: AbortSignal): Promise<void> =>
    new Promise((reported) => {
      handled.push({ timer, reported });
      if (!isReporting) void reportAll(signal);
    });
  const reportAll = async (signal: AbortSignal): Promise<void> => {
    isReporting = true;
    while (handled.length > 0) {
      const batch = handled.splice(0);
      const timers = batch.map(({ timer }) => timer);
      await writing(timers, signal, () => timersHandled(store, timers.map(({ runId, id, claim }) => ({ runId, id, claim }))));
      for (const { reported } of batch) reported();
    }
    isReporting = false;
  };

  const handle = async (timer: ClaimedTimer, signal: AbortSignal): Promise<void> => {
    const failure = await runHandler(handlers.get(timer.kind), timer, { signal, timeoutMs });
    if (failure === null) return await report(timer, signal);
    // One that a stop has broken off is left to its claim: that is no fault of its own.
    if (signal.aborted) return;
    const { runId, id, kind, attempt, claim } = timer;
    log.warn({ runId, timer: id, kind, attempt, reason: failure }, "the handler of a timer failed");
    await writing([timer], signal, () => timerFailed(store, { runId, id, claim, error: failure }));
  };

  const begin = (timer: ClaimedTimer, signal: AbortSignal): void => {
    const handling = handle(timer, signal).finally(() => {
      running.delete(handling);
      if (isFull && running.size <= PLACES / 2) onFree();
    });
    running.add(handling);
  };

  return {
    pass: async (signal) => {
      // Half of the places at least, so that a thousand timers are not claimed one by one.
      isFull = running.size > PLACES / 2;
      if (isFull) return Infinity;
      const free = PLACES - running.size;
      const timers = await claimTimers(store, { owner, kinds, limit: free });
      isFull = timers.length === free;
      for (const timer of timers) begin(timer, signal);
      return isFull ? Infinity : await untilNextTimer(store, { idle: timers.length === 0, ...which });
    },
    drain: async () => {
      await within(Promise.all(running), graceMs, hurried.signal);
      hurried = new AbortController();
    },
    hurry: () => hurried.abort(),
  };
}
