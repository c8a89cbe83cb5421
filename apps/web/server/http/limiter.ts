import { TapeError } from "@tape/core";

export interface LimiterOptions {
  /** Failures that are let through within the window. */
  most: number;
  windowMs: number;
  now?: () => number;
}

/** More addresses than this at once: the oldest windows are forgotten, memory stays bounded. */
const MOST_KEYS = 10_000;

/**
 * Counts failed attempts per key (an address). Good credentials never meet it, whatever else comes from their address;
 * wrong ones are soon told to wait.
 */
export function createLimiter({ most, windowMs, now = Date.now }: LimiterOptions) {
  const windows = new Map<string, { failures: number; endsAt: number }>();

  return {
    /** @throws {TapeError} `rate_limited` beyond the limit, saying when to try again. */
    failed(key: string): void {
      let window = windows.get(key);
      if (!window || window.endsAt <= now()) {
        windows.delete(key);
        window = { failures: 0, endsAt: now() + windowMs };
        windows.set(key, window);
        const [oldest] = windows.keys();
        if (windows.size > MOST_KEYS && oldest !== undefined) windows.delete(oldest);
      }
      window.failures++;
      if (window.failures <= most) return;
      const retryAfterS = Math.ceil((window.endsAt - now()) / 1000);
      throw new TapeError("rate_limited", `Too many attempts that failed. Try again in ${retryAfterS} s.`, { retryAfterS });
    },
  };
}

export type Limiter = ReturnType<typeof createLimiter>;
