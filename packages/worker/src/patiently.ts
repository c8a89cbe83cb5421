import { setTimeout as pause } from "node:timers/promises";
import { TapeError } from "@tape/core";
import { isConnectionFailure } from "@tape/store";

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

/**
 * A verb that is said again while the database is away, for at most `forMs` and until `signal` aborts. Only for what may
 * be repeated: reads, and verbs whose second time changes nothing.
 *
 * @throws What the verb threw last: at once when the database did answer.
 */
export async function patiently<T>({ forMs, signal }: { forMs: number; signal: AbortSignal }, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + forMs;
  for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)) {
    try {
      return await work();
    } catch (error) {
      const isAway = isConnectionFailure(error) || TapeError.is(error, "unavailable");
      if (!isAway || signal.aborted || performance.now() + delayMs > deadline) throw error;
      await pause(delayMs * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }
}
