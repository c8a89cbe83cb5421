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
  private sending = false;
  private scheduled = false;
  private closed = false;
  private recorded = 0;
  /** Seen with the last answer or reading: what arrived, and what others settled. */
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
      answered(outcome: Extract<RunCommitOutcome, { ok: true }>, end: RunEnd | undefined): void;
      refused(outcome: Extract<RunCommitOutcome, { ok: false }>): void;
      failed(error: unknown): void;
    },
  ) {}

  /** A new lease on the same coroutine. */
  renew(lease: Lease, seen: { inbox: number; foreign: number }): void {
    this.lease = lease;
    this.recorded = 0;
    this.inbox = seen.inbox;
    this.foreign = seen.foreign;
    this.renewedAt = performance.now();
    this.closed = false;
  }

  push(records: DriverRecord[]): Promise<void> {
    return new Promise((committed) => {
      this.buffer.push({ records, committed });
      this.schedule();
    });
  }

  /** Flushes at the end of this turn. Also how a change that may end the drive is noticed. */
  schedule(): void {
    if (this.scheduled || this.closed) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.flush();
    });
  }

  /** Nothing more is said under this lease. */
  close(): void {
    this.closed = true;
  }

  private async flush(): Promise<void> {
    if (this.sending || this.closed) return;
    const end = this.hooks.end();
    if (this.buffer.length === 0 && !end) return;
    const said = this.buffer.splice(0);
    this.sending = true;
    try {
      const sentAt = performance.now();
      const outcome = await this.hooks.commit({
        ...this.lease,
        first: this.recorded,
        foreign: this.foreign,
        records: said.flatMap((each) => each.records),
        ...(end && { end }),
      });
      this.sending = false;
      if (this.closed) return;
      if (!outcome.ok) return this.hooks.refused(outcome);
      this.recorded = outcome.recorded;
      this.foreign = outcome.foreign;
      this.renewedAt = sentAt;
      for (const each of said) each.committed();
      this.hooks.answered(outcome, end);
      if (this.buffer.length > 0) this.schedule();
    } catch (error) {
      this.sending = false;
      this.hooks.failed(error);
    }
  }
}
