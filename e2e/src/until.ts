/** Waits for a condition, looking every 25 ms, with a deadline. @throws naming `what` when it is not met in time */
export async function until<T>(what: string, look: () => Promise<T | undefined | false | null> | T | undefined | false | null, deadlineMs = 30_000): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
