import { setImmediate } from "node:timers/promises";
import type { Log } from "./log.ts";
import { createService, type Service } from "./service.ts";

/**
 * One batch of work. Answers how many milliseconds to wait before the next: 0 when there is more, `Infinity` when only
 * a wake can bring some. Long passes give up when `signal` is aborted.
 */
export type Pass = (signal: AbortSignal) => Promise<number>;

export interface LoopOptions {
  /** As the log says it. */
  name: string;
  pass: Pass;
  log: Log;
  /** After the last pass of a life: waits for what the passes left running. */
  drain?: () => Promise<void>;
  /** The longest wait after errors in a row. Default 2,000. */
  maxBackOffMs?: number;
  /** Between 0 and 1, for the jitter. Default `Math.random`. */
  random?: () => number;
}

export interface LoopStats {
  passes: number;
  errors: number;
  /** Of the latest pass; null when it went well. */
  lastError: string | null;
}

export interface Loop extends Service {
  /**
   * There may be something to do: ends the wait, and during a pass makes the wait after it 0. A back-off after an error
   * is not cut short, or hints would hammer what is down.
   */
  wake(): void;
  stats(): LoopStats;
}

/** No wait is longer, whatever a pass answers: nothing rests on a hint alone. */
const MAX_WAIT_MS = 60_000;
const FIRST_BACK_OFF_MS = 100;

/**
 * The loop, written once: pass, wait, pass. An error is logged, counted and backed off from with jitter; it never ends
 * the loop. Errors after the first in a row are logged at debug, and the recovery once.
 */
export function createLoop({ name, pass, log, drain, maxBackOffMs = 2_000, random = Math.random }: LoopOptions): Loop {
  const stats: LoopStats = { passes: 0, errors: 0, lastError: null };
  let isAwake = false;
  let endWait: (() => void) | undefined;

  const wait = (ms: number, signal: AbortSignal, isWakeable: boolean): Promise<void> => {
    if (signal.aborted || (isWakeable && isAwake)) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        endWait = undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
      if (isWakeable) endWait = end;
    });
  };

  const succeed = (failures: number): void => {
    stats.lastError = null;
    if (failures > 1) log.info({ loop: name, failures }, "works again");
  };

  const fail = (error: unknown, failures: number): number => {
    stats.errors += 1;
    stats.lastError = error instanceof Error ? error.message : String(error);
    log[failures === 1 ? "warn" : "debug"]({ loop: name, failures, err: error }, "a pass failed, trying again");
    return Math.min(FIRST_BACK_OFF_MS * 2 ** (failures - 1), maxBackOffMs) * (0.5 + random() / 2);
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      isAwake = false;
      try {
        const waitMs = await pass(signal);
        stats.passes += 1;
        succeed(failures);
        failures = 0;
        // A pass that never waits must still let timers and sockets have their turn.
        await (waitMs > 0 ? wait(Math.min(waitMs, MAX_WAIT_MS), signal, true) : setImmediate());
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        await wait(fail(error, failures), signal, false);
      }
    }
  };

  const service = createService(name, async (signal) => {
    const running = run(signal);
    return async () => {
      await running;
      await drain?.();
    };
  });

  return {
    ...service,
    wake: () => {
      isAwake = true;
      endWait?.();
    },
    stats: () => ({ ...stats }),
  };
}
