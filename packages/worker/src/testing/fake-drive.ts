import type { Claim } from "@tape/store";
import type { AbortReason, Drive, DriveResult } from "../executor/drive.ts";

/** A claim as the store would give it. */
export function claimOf(runId: string, fields: Partial<Claim> = {}): Claim {
  return { runId, app: "test", agent: "probe", owner: "wrk_me", epoch: 1, ttlMs: 60_000, taken: "runnable", seq: 1, inbox: 0, foreign: 0, losses: 0, ...fields };
}

/** A drive that does nothing by itself and keeps what it was told. */
export class FakeDrive implements Drive {
  readonly runId: string;
  readonly told: string[] = [];
  renewedAt: number;
  renewable = true;
  /** Does it obey `release` and `abort` at once, as a drive without a running body would? */
  isObedient = true;
  /** Does it wait for bodies when its run is cancelled? */
  drains = false;
  private resolve: (result: DriveResult) => void = () => {};

  constructor(
    claim: Claim,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.runId = claim.runId;
    this.renewedAt = now();
  }

  run(): Promise<DriveResult> {
    return this.until("run");
  }

  resume(): Promise<DriveResult> {
    this.renewedAt = this.now();
    return this.until("resume");
  }

  poke(): void {
    this.told.push("poke");
  }

  release(): void {
    this.told.push("release");
    if (this.isObedient) this.finish({ status: "released" });
  }

  abort(reason: AbortReason): void {
    this.told.push(`abort ${reason}`);
    if (reason === "cancelled" && this.drains) return;
    if (reason !== "stopping") this.finish({ status: "lost", reason, message: "" });
    else if (this.isObedient) this.finish({ status: "released" });
  }

  dispose(): void {
    this.told.push("dispose");
  }

  finish(result: DriveResult): void {
    this.resolve(result);
  }

  private until(told: string): Promise<DriveResult> {
    this.told.push(told);
    return new Promise((resolve) => (this.resolve = resolve));
  }
}
