import { Database, VERBS, type Said, type VerbName, type Verbs } from "./database.ts";
import { simulateGlobals } from "./globals.ts";
import { Hints } from "./hints.ts";
import { beginIds, withoutTime } from "./ids.ts";
import { Network, type Call, type Moment } from "./network.ts";
import { Process } from "./process.ts";
import { Timeline, type Crash } from "./timeline.ts";

/** Whoever watches a world. Each is told at once, in the middle of what happens. */
export interface WorldHooks {
  /** A call is at this point of its way. */
  moment?(process: Process, call: Call<unknown>, moment: Moment): void;
  saying?(by: Process | null, verb: VerbName, given: readonly unknown[]): void;
  said?(said: Said): void;
  /** Code of a process threw where nobody could catch it. */
  crashed?(crash: Crash): void;
}

export interface WorldOptions {
  seed: number;
  hooks?: WorldHooks;
  /** In the place of the model's: a test breaks one to see that it is found. */
  verbs?: Verbs;
  /** Errors say where they were thrown. Default false. */
  withStacks?: boolean;
}

/** When every schedule begins: 2026-01-05 09:00 UTC. */
const START_MS = Date.UTC(2026, 0, 5, 9);

/** Processes, their clocks, a database, and a network between them, in one thread and in virtual time. */
export class World {
  readonly timeline: Timeline;
  readonly network: Network;
  readonly hints: Hints;
  readonly database: Database;
  /** What every id that was made here begins with. */
  private idTime = "";

  private readonly withStacks: boolean;

  constructor({ seed, hooks = {}, verbs = VERBS, withStacks = false }: WorldOptions) {
    this.withStacks = withStacks;
    this.timeline = new Timeline({ seed, startMs: START_MS }, (crash) => hooks.crashed?.(crash));
    this.network = new Network(this.timeline, { moment: (...told) => hooks.moment?.(...told) });
    this.hints = new Hints(this.timeline, this.network);
    this.database = new Database(START_MS, verbs, {
      nowMs: () => this.timeline.databaseMs(),
      process: () => new Process("database", "database", this),
      saying: (...told) => hooks.saying?.(...told),
      said: (said) => hooks.said?.(said),
      failed: (error) => hooks.crashed?.({ process: "whoever watches", error }),
    });
  }

  /** Everything works from here on. */
  heal(): void {
    this.network.heal();
    this.hints.heal();
  }

  restartDatabase(forMs: number): void {
    this.network.restartDatabase(forMs);
    this.hints.breakOff(null);
  }

  cut(slot: string, forMs: number): void {
    this.network.cut(slot, forMs);
    this.hints.breakOff(slot);
  }

  /** Text as it is the same each time a schedule is run. */
  plain(text: string): string {
    return withoutTime(text, this.idTime);
  }

  /** Lets everything happen until it is ended. */
  async run(): Promise<void> {
    const restore = simulateGlobals({ withStacks: this.withStacks });
    try {
      this.idTime = beginIds(new Process("ids", "ids", this));
      await this.timeline.run();
    } finally {
      restore();
    }
  }
}
