import type { Claim } from "@tape/store";
import type { AbortReason, Drive } from "./drive.ts";

/** A run this worker drives. */
export class Held {
  private aborted: AbortReason | undefined;
  /** The drive has left the run. */
  isOver = false;
  /** Its driver was lost the last time and it has not got on since (D25). */
  isSuspect: boolean;
  /** The last entry this drive is known to have seen or written. */
  seq: number;

  constructor(
    readonly claim: Claim,
    readonly drive: Drive,
    /** By the monotonic clock. */
    readonly acceptedAt: number,
  ) {
    this.isSuspect = claim.taken !== "walk" && claim.losses > 0;
    this.seq = claim.seq;
  }

  /** Until when the lease is known to hold, by the monotonic clock. */
  get holdsUntil(): number {
    return this.drive.renewedAt + this.claim.ttlMs;
  }

  /** Does it still have the right to drive, as far as this process knows? */
  get hasLease(): boolean {
    return !this.isOver && this.aborted !== "lease_lost";
  }

  /** Has a third of the TTL gone? */
  isDue(now: number): boolean {
    return now - this.drive.renewedAt >= this.claim.ttlMs / 3;
  }

  /** Told once per reason; after `lease_lost` there is nothing left to say. */
  abort(reason: AbortReason): void {
    if (!this.hasLease || this.aborted === reason) return;
    this.aborted = reason;
    this.drive.abort(reason);
  }
}
