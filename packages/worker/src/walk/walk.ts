import { LeaseLost, type BodyContext, type Compensator } from "@tape/sdk";
import type { Claim, NextReversal, Reversal, ReversalOutcome } from "@tape/store";
import type { AbortReason, Drive, DriveResult } from "../executor/drive.ts";
import { attempt } from "./attempt.ts";
import type { WalkJournal } from "./journal.ts";

/** What a walk runs: compensators by the name that obligations keep. */
export type Compensators = ReadonlyMap<string, Pick<Compensator<unknown, unknown>, "run">>;

export interface WalkOptions {
  claim: Pick<Claim, "runId" | "ttlMs">;
  compensators: Compensators;
  journal: WalkJournal;
}

type Lost = Extract<DriveResult, { status: "lost" }>;

/**
 * The walk of one run under one lease (D15): its obligations newest first, one at a time, each compensator under a key
 * of its own and tried again after a while; the run is COMPENSATED at the end, or STUCK when one gives up.
 *
 * The lease is renewed between two attempts but not while a compensator runs, which says itself that it is alive by
 * `ctx.heartbeat`: one that hangs is found by its lease. What a compensator brings after that is not said; the next walk
 * runs it again under the same key.
 */
export class Walk implements Drive {
  readonly runId: string;
  renewedAt = performance.now();
  private readonly ttlMs: number;
  /** The worker wants the lease back, or it is lost: whichever was said first, and the loss above all. */
  private leaving: "given_back" | Lost | null = null;
  /** Is a compensator at work? */
  private isUndoing = false;
  /** Something changed since the journal was asked. */
  private isPoked = false;
  private endWait: () => void = () => {};
  /** Waits for the compensator at work no longer. */
  private leaveBody: () => void = () => {};
  /** The compensator's signal. */
  private readonly body = new AbortController();
  /** The lease is lost: the database is asked nothing more. */
  private readonly lost = new AbortController();

  constructor(private readonly options: WalkOptions) {
    this.runId = options.claim.runId;
    this.ttlMs = options.claim.ttlMs;
  }

  get renewable(): boolean {
    return !this.isUndoing;
  }

  /** Walks until the run is COMPENSATED or STUCK, or the walk is given back or lost. Never rejects. */
  async run(): Promise<DriveResult> {
    const lost = new Promise<DriveResult>((resolve) => {
      this.lost.signal.addEventListener("abort", () => resolve(this.leaving as Lost), { once: true });
    });
    const walked = this.walk().catch((error: unknown) => this.lose("unavailable", error instanceof Error ? error.message : String(error)));
    return await Promise.race([walked, lost]);
  }

  /** A walk is never parked. */
  resume(): Promise<DriveResult> {
    return Promise.reject(new Error(`the walk of run ${this.runId} was not parked`));
  }

  poke(): void {
    this.isPoked = true;
    this.endWait();
  }

  release(): void {
    this.leaving ??= "given_back";
    this.endWait();
  }

  /** A walk is not cancelled: what it does was asked for by a person after the run's end. */
  abort(reason: AbortReason): void {
    if (reason === "lease_lost") this.lose("lease_lost", "the lease ran out");
    if (reason !== "stopping") return;
    this.release();
    this.body.abort(new LeaseLost("the worker stops; this reversal is done again by another, under the same key"));
    this.leaveBody();
  }

  dispose(): void {
    this.lose("lease_lost", "the walk was dropped");
  }

  private async walk(): Promise<DriveResult> {
    const { journal } = this.options;
    for (;;) {
      if (this.leaving) return await this.leave(this.leaving);
      this.isPoked = false;
      const next = await journal.next(this.lost.signal);
      const end = await this.take(next);
      if (end) return end;
    }
  }

  /** What comes next; answers how the walk ended, if it did. */
  private async take(next: NextReversal): Promise<DriveResult | null> {
    switch (next.to) {
      case "undo":
        return await this.undo(next.obligation);
      case "wait":
        await this.wait(next.inMs);
        return null;
      case "done":
        return { status: "ended", as: "COMPENSATED" };
      case "left":
        return { status: "released" };
      case "lost":
        return this.lose("lease_lost", next.message);
    }
  }

  /** One attempt. */
  private async undo(reversal: Reversal): Promise<DriveResult | null> {
    const outcome = await this.attempt(reversal);
    // It was not begun, or told to stop: nobody knows what it did.
    if (!outcome) return null;
    const recorded = await this.options.journal.record(reversal, outcome, this.lost.signal);
    switch (recorded.to) {
      case "on":
        return null;
      case "wait":
        await this.wait(recorded.inMs);
        return null;
      case "stuck":
        return { status: "ended", as: "STUCK" };
      case "lost":
        return this.lose("lease_lost", recorded.message);
    }
  }

  private async attempt(reversal: Reversal): Promise<ReversalOutcome | null> {
    const compensator = this.options.compensators.get(reversal.kind);
    if (!compensator) throw new Error(`compensator ${reversal.kind} is not loaded here`);
    // It has a whole lease, or most of one.
    if (performance.now() - this.renewedAt > this.ttlMs / 3) await this.renew();
    if (this.leaving) return null;
    this.isUndoing = true;
    const left = new Promise<null>((resolve) => (this.leaveBody = () => resolve(null)));
    const outcome = await Promise.race([attempt(async () => compensator.run(this.contextOf(reversal), reversal.payload)), left]);
    this.isUndoing = false;
    return outcome;
  }

  private contextOf({ key, attempt: nth }: Reversal): BodyContext {
    return {
      runId: this.runId,
      key,
      attempt: nth,
      signal: this.body.signal,
      heartbeat: () => this.heartbeat(),
      isCancelled: async () => false,
    };
  }

  /** Writes at most once in a tenth of the TTL (D26). */
  private async heartbeat(): Promise<void> {
    if (this.lost.signal.aborted) throw new LeaseLost();
    if (performance.now() - this.renewedAt >= this.ttlMs / 10) await this.renew();
  }

  /** @throws {LeaseLost} when another worker has the walk */
  private async renew(): Promise<void> {
    const askedAt = performance.now();
    const renewal = await this.options.journal.renew(this.lost.signal);
    if (renewal !== "lost") return void (this.renewedAt = Math.max(this.renewedAt, askedAt));
    const { message } = this.lose("lease_lost", `the walk of run ${this.runId} was taken over`);
    throw new LeaseLost(message);
  }

  private async wait(ms: number): Promise<void> {
    if (this.isPoked || this.leaving) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.endWait(), ms);
      this.endWait = () => {
        clearTimeout(timer);
        this.endWait = () => {};
        resolve();
      };
    });
  }

  private async leave(how: "given_back" | Lost): Promise<DriveResult> {
    if (how !== "given_back") return how;
    await this.options.journal.release(this.lost.signal);
    return { status: "released" };
  }

  private lose(reason: Lost["reason"], message: string): Lost {
    if (this.leaving && this.leaving !== "given_back") return this.leaving;
    const lost: Lost = { status: "lost", reason, message };
    this.leaving = lost;
    this.endWait();
    this.body.abort(new LeaseLost(message));
    this.lost.abort(new LeaseLost(message));
    this.leaveBody();
    return lost;
  }
}
