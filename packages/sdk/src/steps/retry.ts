import type { RetryPolicy } from "../define/effect.ts";

/** How long to wait before the next try; null: there is none. `attempt` is the one that failed. A policy that throws is over. */
export function retryDelayMs(policy: RetryPolicy | undefined, attempt: number, error: unknown): number | null {
  if (!policy || attempt >= policy.attempts || !mayRetry(policy, error)) return null;
  const { firstDelayMs = 1_000, factor = 2, maxDelayMs = 60_000 } = policy;
  return Math.min(firstDelayMs * factor ** (attempt - 1), maxDelayMs);
}

function mayRetry({ retryIf }: RetryPolicy, error: unknown): boolean {
  try {
    return retryIf?.(error) !== false;
  } catch {
    return false;
  }
}

/** Waits, unless the signal is aborted first. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
