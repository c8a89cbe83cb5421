import type { Process } from "./process.ts";

let current: Process | null = null;

/** From here on, until the next turn, code is that of `process`. */
export function here(process: Process): void {
  current = process;
}

export function leave(): void {
  current = null;
}

/** The process whose code runs; null outside of all. */
export function currentProcess(): Process | null {
  return current;
}

/** @throws {Error} outside of all processes */
export function thisProcess(): Process {
  if (!current) throw new Error("this is called outside of every simulated process");
  return current;
}
