/** Milliseconds of the machine's monotonic clock: the same one in every process. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Milliseconds since 1970 as `Date.now` has them, with fractions. Spins for at most a millisecond to find where one begins. */
export function createWallClock(): () => number {
  const before = Date.now();
  let begun = before;
  while (begun === before) begun = Date.now();
  const offset = begun - performance.now();
  return () => performance.now() + offset;
}

/** Resolves after so long (ms). */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Looks every few milliseconds until it is so. @throws naming `what` when it is not within the deadline */
export async function until(what: string, look: () => Promise<boolean> | boolean, { everyMs = 5, deadlineMs = 120_000 } = {}): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await pause(everyMs);
  }
}
