import type { Claim } from "@tape/store";

/** How a drive left its run. `lost`: it may not or cannot write any more; whoever claims the run next goes on. */
export type DriveResult =
  | { status: "parked"; epoch: number }
  | { status: "ended"; as: string }
  | { status: "released" }
  | { status: "lost"; reason: string; message: string };

/** What the executor asks of a drive; the SDK makes the real ones. */
export interface Drive {
  readonly runId: string;
  /** When the lease was last known to be renewed, by this process's monotonic clock (ms). Its own commits move it too. */
  renewedAt: number;
  /** May its worker renew the lease? Not while only tool bodies run: a hung body is found by its lease. */
  readonly renewable: boolean;
  run(): Promise<DriveResult>;
  /** Goes on with the coroutine that was parked. */
  resume(claim: Claim): Promise<DriveResult>;
  /** Something of the run changed: look. */
  poke(): void;
  /** Ends at the next boundary and gives the lease back; bodies that run are waited for. */
  release(): void;
  /** Ends now. `stopping` gives the lease back at once. */
  abort(reason: AbortReason): void;
  /** Forgets a parked coroutine. */
  dispose(): void;
}

export type AbortReason = "lease_lost" | "cancelled" | "stopping";
