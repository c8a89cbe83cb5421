import type { Hint } from "@tape/core";
import { listenForHints } from "@tape/store";
import type { Logger } from "../log.ts";
import { onceAtATime } from "./once-at-a-time.ts";
import type { Rooms } from "./rooms.ts";

export interface FollowOptions {
  connectionString: string;
  rooms: Rooms;
  log: Logger;
  /** Counted by the metrics. */
  onHint?: (hint: Hint) => void;
  /** Between two looks while hints do not arrive (ms). */
  pollMs?: number;
  /** Between two looks while they do (ms): what a run waits for changes with time alone. */
  idleMs?: number;
}

/**
 * Keeps the rooms up to date: by hints while they arrive, by looking every 2 s while the listener is away or a look failed,
 * and once after each reconnect. Looking alone would be correct.
 */
export function followHints({ connectionString, rooms, log, onHint, pollMs = 2000, idleMs = 10_000 }: FollowOptions) {
  let isListening = false;
  let isStopped = false;
  /** Hints may have been missed since the last look that saw everything. */
  let resyncWanted = true;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const look = onceAtATime(async () => {
    clearTimeout(timer);
    const wasListening = isListening;
    const isWhole = await rooms.refresh({ withInbox: !wasListening || resyncWanted });
    if (isWhole) resyncWanted = false;
    if (!isStopped) timer = setTimeout(() => void look(), isListening && isWhole ? idleMs : pollMs);
  });
  void look();

  const listener = listenForHints({
    connectionString,
    applicationName: "tape web listener",
    onHints: (hints) => {
      for (const hint of hints) {
        onHint?.(hint);
        rooms.hint(hint);
      }
    },
    onResync: () => {
      if (!isListening) log.info("listening for hints");
      isListening = true;
      resyncWanted = true;
      void look();
    },
    onError: (error) => {
      // Said again at every attempt to connect.
      if (!isListening) return;
      log.warn({ err: error }, "hints do not arrive; polling until they do");
      isListening = false;
      void look();
    },
  });

  return {
    get isListening() {
      return isListening;
    },
    async stop(): Promise<void> {
      isStopped = true;
      clearTimeout(timer);
      await listener.stop();
    },
  };
}

export type Follow = ReturnType<typeof followHints>;
