import type { Hint } from "@tape/core";
import type { Network } from "./network.ts";
import type { Process } from "./process.ts";
import { chanceOf } from "./random.ts";
import type { Timeline } from "./timeline.ts";

export interface Listening {
  onHints(hints: Hint[]): void;
  /** Connected, or connected again: hints may have been missed. */
  onResync(): void;
  onError(error: unknown): void;
}

interface Ear extends Listening {
  process: Process;
  isConnected: boolean;
  isStopped: boolean;
}

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;
/** A way from one process through the database to another takes up to this long (ms). */
const WAY_MS = 8;

/** Notifications: on connections of their own, lost with them, and never promised. */
export class Hints {
  readonly counts = { sent: 0, lost: 0 };
  private readonly ears = new Set<Ear>();
  private readonly deafUntil = new Map<string, number>();
  private sent = 0;

  constructor(
    private readonly timeline: Timeline,
    private readonly network: Network,
  ) {}

  listen(process: Process, listening: Listening): { stop(): void } {
    const ear: Ear = { ...listening, process, isConnected: false, isStopped: false };
    this.ears.add(ear);
    this.connect(ear, FIRST_RETRY_MS);
    return {
      stop: () => {
        ear.isStopped = true;
        this.ears.delete(ear);
      },
    };
  }

  /** From a process, or from somebody who is not simulated. */
  publish(hints: readonly Hint[], from: Process | null): void {
    if (hints.length === 0 || this.network.isDatabaseDown || (from && (from.isDead || this.network.isCut(from.slot)))) return;
    for (const ear of this.ears) {
      if (!ear.isConnected) continue;
      this.sent += 1;
      this.counts.sent += 1;
      if (this.timeline.now < (this.deafUntil.get(ear.process.slot) ?? -1)) {
        this.counts.lost += 1;
        continue;
      }
      ear.process.after(chanceOf(this.timeline.seed, "hint", this.sent) * WAY_MS, () => {
        if (ear.isConnected && !ear.isStopped) ear.onHints([...hints]);
      });
    }
  }

  /** Nothing reaches it for so long, and it does not know. */
  deafen(slot: string, forMs: number): void {
    this.deafUntil.set(slot, this.timeline.now + forMs);
  }

  /** Connections break: of one process, or all. */
  breakOff(slot: string | null): void {
    for (const ear of this.ears) {
      if (!ear.isConnected || (slot !== null && ear.process.slot !== slot)) continue;
      ear.isConnected = false;
      ear.process.after(1, () => {
        ear.onError(new Error("the connection for hints was closed"));
        this.connect(ear, FIRST_RETRY_MS);
      });
    }
  }

  heal(): void {
    this.deafUntil.clear();
  }

  private connect(ear: Ear, retryMs: number): void {
    ear.process.after(retryMs * (0.5 + ear.process.random.next() / 2), () => {
      if (ear.isStopped || ear.isConnected) return;
      if (this.network.isDatabaseDown || this.network.isCut(ear.process.slot)) return this.connect(ear, Math.min(retryMs * 2, LAST_RETRY_MS));
      ear.isConnected = true;
      ear.onResync();
    });
  }
}
