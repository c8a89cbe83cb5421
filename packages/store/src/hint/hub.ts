import type { Hint } from "@tape/core";
import { listenForHints } from "./listen.ts";

/** Hints for many readers of one process, over one connection. */
export interface HintHub {
  /**
   * Calls `wake` for every packet with a hint that matches, and whenever hints may have been missed. Read once after
   * subscribing: what was said before is not repeated. The answer takes it off again; that may be repeated.
   */
  subscribe(matches: (hint: Hint) => boolean, wake: () => void): () => void;
  /** Ends the connection, now and for good: who is still subscribed polls. May be repeated. */
  stop(): Promise<void>;
}

export interface HintHubOptions {
  connectionString: string;
  /** Default `tape hints`. */
  applicationName?: string;
  /** How long the connection outlives its last subscriber (ms). Default 5,000. */
  graceMs?: number;
  /** Told why the connection was lost or a subscriber threw. */
  onError?: (error: unknown) => void;
}

/** Opens its connection with the first subscriber, and closes it with the last after a grace. */
export function createHintHub({ connectionString, applicationName = "tape hints", graceMs = 5_000, onError = () => {} }: HintHubOptions): HintHub {
  const subscribers = new Set<{ matches(hint: Hint): boolean; wake(): void }>();
  let listener: { stop(): Promise<void> } | undefined;
  let grace: NodeJS.Timeout | undefined;
  let closing: Promise<void> = Promise.resolve();
  let isStopped = false;

  function tell(hints: Hint[] | null): void {
    for (const { matches, wake } of [...subscribers]) {
      try {
        if (hints === null || hints.some(matches)) wake();
      } catch (error) {
        onError(error);
      }
    }
  }

  function open(): void {
    clearTimeout(grace);
    listener ??= listenForHints({ connectionString, applicationName, onHints: tell, onResync: () => tell(null), onError });
  }

  function close(): Promise<void> {
    clearTimeout(grace);
    const open = listener;
    listener = undefined;
    if (open) closing = Promise.all([closing, open.stop()]).then(() => {});
    return closing;
  }

  return {
    subscribe(matches, wake) {
      const subscriber = { matches, wake };
      subscribers.add(subscriber);
      if (!isStopped) open();
      return () => {
        if (!subscribers.delete(subscriber) || subscribers.size > 0 || isStopped) return;
        grace = setTimeout(() => void close(), graceMs);
        grace.unref();
      };
    },
    stop() {
      isStopped = true;
      return close();
    },
  };
}
