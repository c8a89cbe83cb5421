/** Resolves with the first answer that is neither false nor nullish. Asks every few milliseconds until the deadline. */
export async function until<T>(ask: () => T | Promise<T>, { withinMs = 10_000, what = "the condition" } = {}): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) return answer as NonNullable<T>;
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
