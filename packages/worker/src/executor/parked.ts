import type { Claim } from "@tape/store";
import type { Drive } from "./drive.ts";

export interface ParkedOptions {
  /** Most drives kept. Default 1,000. */
  limit?: number;
  /** How long one is kept (ms). Default 10 minutes. */
  maxAgeMs?: number;
}

interface Kept {
  drive: Drive;
  epoch: number;
  untilMs: number;
}

/**
 * Coroutines of parked runs, so that a run which wakes soon goes on without replay. A bounded memory and nothing more:
 * dropping any of them is always right, the run is replayed then. The one that parked longest ago leaves first.
 */
export class ParkedDrives {
  private readonly kept = new Map<string, Kept>();
  private readonly limit: number;
  private readonly maxAgeMs: number;

  constructor(
    { limit = 1_000, maxAgeMs = 600_000 }: ParkedOptions,
    private readonly now: () => number,
  ) {
    this.limit = limit;
    this.maxAgeMs = maxAgeMs;
  }

  get size(): number {
    return this.kept.size;
  }

  keep(drive: Drive, epoch: number): void {
    this.drop(drive.runId);
    this.kept.set(drive.runId, { drive, epoch, untilMs: this.now() + this.maxAgeMs });
    for (const runId of this.kept.keys()) {
      if (this.kept.size <= this.limit) return;
      this.drop(runId);
    }
  }

  /** The coroutine that may go on under this claim: nobody drove the run since it parked (D9). Any other is dropped, and a walk needs none. */
  take({ runId, epoch, taken }: Claim): Drive | undefined {
    const found = this.kept.get(runId);
    if (found?.epoch !== epoch - 1 || taken === "walk") {
      this.drop(runId);
      return undefined;
    }
    this.kept.delete(runId);
    return found.drive;
  }

  /** Drops what is too old. Answers in how many milliseconds the next one will be. */
  expire(): number {
    for (const [runId, { untilMs }] of this.kept) {
      if (untilMs > this.now()) return untilMs - this.now();
      this.drop(runId);
    }
    return Infinity;
  }

  clear(): void {
    for (const runId of [...this.kept.keys()]) this.drop(runId);
  }

  private drop(runId: string): void {
    this.kept.get(runId)?.drive.dispose();
    this.kept.delete(runId);
  }
}
