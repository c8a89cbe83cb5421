import { here, leave } from "./here.ts";
import type { Process } from "./process.ts";
import { Queue } from "./queue.ts";

interface Event {
  at: number;
  order: number;
  /** Whose code runs; null: the world's own, which has no promises. */
  process: Process | null;
  work: () => void;
}

export interface TimelineOptions {
  seed: number;
  /** When it begins by the database's clock (ms since 1970). */
  startMs: number;
}

/** Something of a process was thrown where nobody could catch it: a real process would have died of it. */
export interface Crash {
  process: string;
  error: unknown;
}

/** Real ones, whatever stands in their place while a schedule runs. */
const realSetImmediate = setImmediate;
/** Turns handed to the event loop at once. */
const TURNS = 128;

/**
 * Virtual time: one thing happens after the other, and between two of them every promise that can settle does. Time
 * stands still meanwhile and jumps to what comes next.
 */
export class Timeline {
  readonly seed: number;
  readonly startMs: number;
  /** Milliseconds since the beginning. */
  now = 0;
  /** Things that happened. */
  happened = 0;
  private order = 0;
  private readonly queue = new Queue<Event>();
  private isEnded = false;

  constructor(
    { seed, startMs }: TimelineOptions,
    private readonly onCrash: (crash: Crash) => void,
  ) {
    this.seed = seed;
    this.startMs = startMs;
  }

  /** Milliseconds since 1970 by the database's clock. */
  databaseMs(): number {
    return Math.floor(this.startMs + this.now);
  }

  /** `process` null: the world's own doing. */
  plan(inMs: number, process: Process | null, work: () => void): void {
    this.queue.add({ at: this.now + Math.max(0, inMs), order: (this.order += 1), process, work });
  }

  /** Nothing more happens. */
  end(): void {
    this.isEnded = true;
  }

  /**
   * Lets everything happen until `end`, or nothing is planned any more. Each turn of the real event loop is one thing of
   * one process: the promises it settles are through before the next turn. They are handed over in batches, between which
   * whoever else shares the real event loop has its turn, outside of all processes.
   */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      let isDone = false;
      const turn = (): void => {
        leave();
        if (isDone) return;
        try {
          isDone = !this.step();
        } catch (error) {
          isDone = true;
          reject(error as Error);
        }
      };
      const batch = (): void => {
        for (let count = 0; count < TURNS; count++) realSetImmediate(turn);
        realSetImmediate(() => {
          leave();
          if (isDone) resolve();
          else batch();
        });
      };
      batch();
    });
  }

  /** What comes next, up to something that a process does; false when there is nothing. */
  private step(): boolean {
    while (!this.isEnded) {
      const next = this.queue.take();
      if (!next) return false;
      const { process, work, at } = next;
      if (at > this.now) this.now = at;
      if (process === null) {
        this.happened += 1;
        work();
        continue;
      }
      if (process.isDead || !process.mayRun(work)) continue;
      this.happened += 1;
      this.enter(process, work);
      return true;
    }
    return false;
  }

  /** What `work` settles is through only when the real event loop has turned. */
  private enter(process: Process, work: () => void): void {
    here(process);
    try {
      work();
    } catch (error) {
      this.onCrash({ process: process.name, error });
    }
  }
}
