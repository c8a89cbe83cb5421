import type { DriverRecord, RunCommit, RunCommitOutcome, RunEnd } from "@tape/store";

interface Buffered {
  records: DriverRecord[];
  committed(): void;
}

export interface Lease {
  runId: string;
  owner: string;
  epoch: number;
  ttlMs: number;
}

/**
 * Collects what a drive has to say and commits it in order: one group at a time, so that whatever is said while a commit
 * is under way travels together in the next. A flush waits for the end of the turn of the event loop: an outcome and the
 * intent that the code answers it with are one commit.
 */
export class Recorder {
  private buffer: Buffered[] = [];
  private inFlight: Buffered[] = [];
  private sending = false;
  private underWay: Promise<unknown> = Promise.resolve();
  private scheduled = false;
  private closed = false;
  private recorded = 0;
  /**
   * Seen with the last reading: what arrived, and what others settled. Never taken from the answer to a commit, which
   * counts what was not read yet: the next outcome would pass for one that knows of it.
   */
  inbox = 0;
  foreign = 0;
  /** When the lease was last known to be renewed, by this process's monotonic clock. */
  renewedAt = performance.now();

  constructor(
    private lease: Lease,
    private readonly hooks: {
      commit(commit: RunCommit): Promise<RunCommitOutcome>;
      /** Asked before each flush: is this the end? */
      end(): RunEnd | undefined;
      /** The count of outcomes settled by others was old: reads it again. False: the drive is over. */
      reread(): Promise<boolean>;
      answered(outcome: Extract<RunCommitOutcome, { ok: true }>, end: RunEnd | undefined): void;
      refused(outcome: Extract<RunCommitOutcome, { ok: false }>): void;
      failed(error: unknown): void;
      isDraining(): boolean;
    },
  ) {}

  /** A new lease on the same coroutine. */
  renew(lease: Lease): void {
    this.lease = lease;
    this.recorded = 0;
    this.renewedAt = performance.now();
    this.closed = false;
  }

  /** Resolves when the records are committed. `quietly`: without asking for a flush; what the code asks next does. */
  push(records: DriverRecord[], quietly?: "quietly"): Promise<void> {
    return new Promise((committed) => {
      this.buffer.push({ records, committed });
      if (!quietly) this.schedule();
    });
  }

  /** Is the commit under way that may end the lease? What is read meanwhile may be the run after it. */
  isEnding = false;

  /** Is there anything that no commit has taken yet? */
  get hasUnsaid(): boolean {
    return this.buffer.length > 0;
  }

  /** A commit without records that ends the lease, once what is under way was answered. The recorder must be closed. */
  async giveBack(end: RunEnd): Promise<void> {
    await this.underWay;
    await this.hooks.commit({ ...this.lease, first: this.recorded, foreign: this.foreign, records: [], end });
  }

  /** Resolves when the commit that is under way has its answer. */
  async idle(): Promise<void> {
    await this.underWay;
  }

  /** Everything that is not known to be committed. */
  unsaid(): DriverRecord[] {
    return [...this.inFlight, ...this.buffer].flatMap(({ records }) => records);
  }

  /** Keeps what is said from now on for the next lease. */
  pause(): void {
    this.closed = true;
  }

  /** Flushes at the end of this turn. Also how a change that may end the drive is noticed. */
  schedule(): void {
    if (this.scheduled || this.closed) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      if (!this.sending) this.underWay = this.flush();
    });
  }

  /** Nothing more is said under this lease. */
  close(): void {
    this.closed = true;
  }

  private async flush(): Promise<void> {
    if (this.closed) return;
    const end = this.endNow();
    if (this.buffer.length === 0 && !end) return;
    const said = this.buffer.splice(0);
    this.inFlight = said;
    this.isEnding = end !== undefined;
    try {
      const records = said.flatMap((each) => each.records);
      const { outcome, sentAt } = await this.send(records, end);
      this.isEnding = false;
      if (outcome.ok) this.recorded = outcome.recorded;
      // Of a run that was cancelled meanwhile: who waits for this commit learns that it stands, and reports late what follows.
      if (this.closed && this.hooks.isDraining() && outcome.ok) for (const each of said) each.committed();
      if (this.closed) return;
      if (!outcome.ok) return this.hooks.refused(outcome);
      this.inFlight = [];
      this.renewedAt = sentAt;
      for (const each of said) each.committed();
      this.hooks.answered(outcome, end);
      // More was said meanwhile, or this was the last thing before the end.
      this.schedule();
    } catch (error) {
      this.hooks.failed(error);
    }
  }

  /** Is this the end? What the same commit would open cannot be closed by it: then it is the next one. */
  private endNow(): RunEnd | undefined {
    const end = this.hooks.end();
    const opens = end !== undefined && end.closing.length > 0 && this.buffer.some(({ records }) => records.some(({ happening: { verb } }) => verb === "opened" || verb === "armed"));
    return opens ? undefined : end;
  }

  private async send(records: DriverRecord[], end: RunEnd | undefined): Promise<{ outcome: RunCommitOutcome; sentAt: number }> {
    this.sending = true;
    try {
      for (;;) {
        const sentAt = performance.now();
        const commit = { ...this.lease, first: this.recorded, foreign: this.foreign, records, ...(end && { end }) };
        const outcome = await this.hooks.commit(commit);
        const old = !outcome.ok && outcome.refused === "settled_elsewhere";
        if (!old || !(await this.hooks.reread())) return { outcome, sentAt };
      }
    } finally {
      this.sending = false;
    }
  }
}
