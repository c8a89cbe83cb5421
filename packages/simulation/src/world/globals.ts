import { syncBuiltinESMExports } from "node:module";
import timersPromises from "node:timers/promises";
import { currentProcess } from "./here.ts";
import type { Process } from "./process.ts";

/** What `setTimeout` answers in a simulated process. */
class Timer {
  isOver = false;
  constructor(
    private readonly process: Process,
    private readonly work: () => void,
    private readonly ms: number,
    private readonly again: boolean,
  ) {
    this.arm();
  }

  ref = (): this => this;
  unref = (): this => this;
  hasRef = (): boolean => true;
  refresh = (): this => this;
  close = (): this => this[Symbol.dispose]();
  [Symbol.toPrimitive] = (): number => 0;
  [Symbol.dispose] = (): this => {
    this.isOver = true;
    return this;
  };

  private arm(): void {
    this.process.after(this.ms, () => {
      if (this.isOver) return;
      if (this.again) this.arm();
      else this.isOver = true;
      this.work();
    });
  }
}

/** As Node has it: whole milliseconds, at least one. */
function delayOf(ms: number | undefined): number {
  return ms !== undefined && ms >= 1 && ms <= 2_147_483_647 ? Math.trunc(ms) : 1;
}

const real = {
  setTimeout: globalThis.setTimeout,
  setInterval: globalThis.setInterval,
  setImmediate: globalThis.setImmediate,
  clearTimeout: globalThis.clearTimeout,
  clearInterval: globalThis.clearInterval,
  clearImmediate: globalThis.clearImmediate,
  dateNow: Date.now,
  random: Math.random,
  performanceNow: performance.now.bind(performance),
  randomUUID: globalThis.crypto.randomUUID.bind(globalThis.crypto),
  getRandomValues: globalThis.crypto.getRandomValues.bind(globalThis.crypto),
  pause: timersPromises.setTimeout,
  turn: timersPromises.setImmediate,
};

type Callback = (...given: unknown[]) => void;

function timer(again: boolean, otherwise: (...given: never[]) => unknown) {
  return (work: Callback, ms?: number, ...given: unknown[]): unknown => {
    const process = currentProcess();
    return process ? new Timer(process, () => work(...given), delayOf(ms), again) : (otherwise as Callback)(work, ms, ...given);
  };
}

function clear(otherwise: (timer: never) => void) {
  return (given: unknown): void => (given instanceof Timer ? void given.close() : (otherwise as (timer: unknown) => void)(given));
}

function immediate(work: Callback, ...given: unknown[]): unknown {
  const process = currentProcess();
  return process ? new Timer(process, () => work(...given), 0, false) : real.setImmediate(work, ...given);
}

function pause<T>(ms?: number, value?: T, options: { signal?: AbortSignal } = {}): Promise<T> {
  const process = currentProcess();
  if (!process) return real.pause(ms, value, options) as Promise<T>;
  return waits(process, delayOf(ms), value, options);
}

function turn<T>(value?: T, options: { signal?: AbortSignal } = {}): Promise<T> {
  const process = currentProcess();
  return process ? waits(process, 0, value, options) : (real.turn(value, options) as Promise<T>);
}

function waits<T>(process: Process, ms: number, value: T | undefined, { signal }: { signal?: AbortSignal }): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      timer.close();
      reject(Object.assign(new Error("The operation was aborted", { cause: signal?.reason }), { name: "AbortError", code: "ABORT_ERR" }));
    };
    const timer = new Timer(
      process,
      () => {
        signal?.removeEventListener("abort", abort);
        resolve(value as T);
      },
      ms,
      false,
    );
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}

function uuidOf(process: Process): `${string}-${string}-${string}-${string}-${string}` {
  const digits = Array.from({ length: 32 }, () => process.random.whole(0, 15).toString(16)).join("");
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
}

/**
 * Time and chance of a simulated process in the place of Node's, for code that runs in one; code outside of all keeps the
 * real ones. Answers how to take them away again. A callback runs outside of any AsyncLocalStorage: nothing in the engine
 * looks for its run in a timer.
 */
export function simulateGlobals({ withStacks }: { withStacks: boolean }): () => void {
  const put = (on: object, names: Record<string, unknown>): void => {
    for (const [name, value] of Object.entries(names)) Object.defineProperty(on, name, { value, configurable: true, writable: true });
  };
  const timers = {
    setTimeout: timer(false, real.setTimeout),
    setInterval: timer(true, real.setInterval),
    setImmediate: immediate,
    clearTimeout: clear(real.clearTimeout),
    clearInterval: clear(real.clearInterval),
    clearImmediate: clear(real.clearImmediate),
  };
  put(globalThis, timers);
  put(Date, { now: () => currentProcess()?.wallMs() ?? real.dateNow() });
  put(Math, { random: () => currentProcess()?.random.next() ?? real.random() });
  put(performance, { now: () => currentProcess()?.monotonicMs() ?? real.performanceNow() });
  put(globalThis.crypto, {
    randomUUID: () => {
      const process = currentProcess();
      return process ? uuidOf(process) : real.randomUUID();
    },
    getRandomValues: (bytes: Uint8Array) => {
      const process = currentProcess();
      return process ? bytes.fill(0) : real.getRandomValues(bytes);
    },
  });
  put(timersPromises, { setTimeout: pause, setImmediate: turn });
  syncBuiltinESMExports();
  // Where an error was thrown is the same on no two machines, and costs more than all the rest of it.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = withStacks ? stackTraceLimit : 0;
  return () => {
    Error.stackTraceLimit = stackTraceLimit;
    const { dateNow, random, performanceNow, randomUUID, getRandomValues, pause: realPause, turn: realTurn, ...realTimers } = real;
    put(globalThis, realTimers);
    put(Date, { now: dateNow });
    put(Math, { random });
    put(performance, { now: performanceNow });
    put(globalThis.crypto, { randomUUID, getRandomValues });
    put(timersPromises, { setTimeout: realPause, setImmediate: realTurn });
    syncBuiltinESMExports();
  };
}
