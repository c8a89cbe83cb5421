import type { Process } from "../world/index.ts";
import { thisProcess } from "../world/index.ts";
import { say } from "./remote.ts";

/**
 * What takes the place of packages/worker/src/presence/thread.ts: the beats of a process, by its own clock and over its
 * own network. No session of it lasts, so that a dead worker is found by its silence.
 */

interface BeatState {
  running: number;
  stopping: boolean;
}

type FromThread = { type: "beat"; steadyMs: number } | { type: "silent"; message: string } | { type: "forgotten" } | { type: "sessions_do_not_last" };

interface ThreadOptions {
  id: string;
  connectionString: string;
  beatMs: number;
  onMessage: (message: FromThread) => void;
  onCrash: (error: unknown) => void;
}

/** As the thread has them (ms). */
const CONTINUOUS_MS = 1_500;
const TIMEOUT_MS = 3_000;
const RECONNECT_MS = 250;

class Beats {
  private state: BeatState = { running: 0, stopping: false };
  private isLeaving = false;
  private steadySince = 0;
  private lastBeat = -Infinity;
  private readonly process: Process = thisProcess();

  constructor(private readonly options: ThreadOptions) {
    // As from another thread: never in the turn in which it was started.
    setTimeout(() => void this.attend(), 1);
  }

  tell = (state: BeatState): void => {
    this.state = state;
  };

  leave = async (): Promise<void> => {
    this.isLeaving = true;
  };

  private async attend(): Promise<void> {
    const { id, onMessage, beatMs } = this.options;
    onMessage({ type: "sessions_do_not_last" });
    while (!this.isLeaving) {
      try {
        const isKnown = await say("beatWorker", "statement", [{ id, ...this.state }], { timeoutMs: TIMEOUT_MS });
        if (this.isLeaving) return;
        this.heard(isKnown);
        await pause(beatMs);
      } catch (error) {
        if (!this.isLeaving) onMessage({ type: "silent", message: error instanceof Error ? error.message : String(error) });
        await pause(RECONNECT_MS);
      }
    }
  }

  private heard(isKnown: boolean): void {
    const { onMessage } = this.options;
    if (!isKnown) return onMessage({ type: "forgotten" });
    const now = this.process.monotonicMs();
    if (now - this.lastBeat > CONTINUOUS_MS) this.steadySince = now;
    this.lastBeat = now;
    onMessage({ type: "beat", steadyMs: now - this.steadySince });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function startThread(options: ThreadOptions): { tell(state: BeatState): void; leave(timeoutMs: number): Promise<void> } {
  return new Beats(options);
}
