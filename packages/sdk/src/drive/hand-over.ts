import type { DriverRecord } from "@tape/store";
import type { Asked, Outcome } from "./step.ts";

/** An outcome whose turn has come, and the records that say so. */
export interface HandOver {
  asked: Asked;
  outcome: Outcome;
  records: DriverRecord[];
}

/**
 * Hands outcomes to the code one at a time, each followed by a whole turn of the event loop in which the code may ask
 * what it likes. The first drive and every replay go through here, so that the code asks in the same order (D1).
 */
export class HandOvers {
  private readonly queue: HandOver[] = [];
  private pumping = false;

  constructor(
    private readonly hooks: {
      /** A recorded outcome to hand over before those in the queue; undefined when there is none now. */
      recorded(): HandOver | undefined;
      isOver(): boolean;
      hand(over: HandOver): void;
      /** Everything there was is handed over. */
      drained(): void;
      /** A fault of ours: nothing more can be handed over. */
      broke(error: unknown): void;
    },
  ) {}

  add(over: HandOver): void {
    this.queue.push(over);
    void this.pump();
  }

  get isQuiet(): boolean {
    return !this.pumping && this.queue.length === 0;
  }

  /** Records of outcomes that have not had their turn. */
  waiting(): DriverRecord[] {
    return this.queue.flatMap(({ records }) => records);
  }

  async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (!this.hooks.isOver()) {
        const next = this.hooks.recorded() ?? this.queue.shift();
        if (!next) break;
        this.hooks.hand(next);
        await new Promise((turned) => setImmediate(turned));
      }
    } catch (error) {
      this.hooks.broke(error);
    }
    this.pumping = false;
    if (!this.hooks.isOver()) this.hooks.drained();
  }
}
