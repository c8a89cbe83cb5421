import { createHash } from "node:crypto";
import type { RetryPolicy } from "../define/effect.ts";

/** A longer delay parks the run, and a timer wakes it; a shorter one is waited for by its driver (ms). */
export const LONGEST_HELD_MS = 5_000;

/**
 * How long to wait before the next try; null: there is none. `attempt` is the one that failed, `key` the call's. A policy
 * that throws is over.
 */
export function retryDelayMs(policy: RetryPolicy | undefined, { attempt, error, key }: { attempt: number; error: unknown; key: string }): number | null {
  if (!policy || attempt >= policy.attempts || !mayRetry(policy, error)) return null;
  const { firstDelayMs = 1_000, factor = 2, maxDelayMs = 60_000, jitter = 0 } = policy;
  const delayMs = Math.min(firstDelayMs * factor ** (attempt - 1), maxDelayMs);
  return jitter > 0 ? Math.round(delayMs * (1 - Math.min(jitter, 1) * shareOf(`${key}/${attempt}`))) : delayMs;
}

/** From 0 (included) to 1 (excluded), the same for the same text. */
function shareOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32;
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
