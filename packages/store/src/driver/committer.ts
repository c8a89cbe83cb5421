import { TapeError, type Hint } from "@tape/core";
import { toTapeError } from "../failure.ts";
import type { RunCommit, RunCommitOutcome } from "./record.ts";

/** Runs per statement. Larger batches gain little and make the one that waits longest wait longer. */
const MAX_BATCH = 200;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2_000;

interface Waiting {
  commit: RunCommit;
  deadline: number;
  resolve(outcome: RunCommitOutcome): void;
  reject(error: unknown): void;
}

/**
 * Group commit in the application, without a timer: whatever arrives while a statement is under way is the next batch.
 * One run has at most one group in a batch, and its groups commit in the order they were submitted.
 *
 * A lost connection is retried until the lease would have run out: a commit that had gone through is recognised by the
 * number of its first record and answered as it was. A row that PostgreSQL refuses is found by halving its batch.
 */
export class Committer {
  private queue: Waiting[] = [];
  private busy = false;

  /**
   * @param commit Commits a batch at once: `commitRuns` on a store's pool. One outcome for each group, in their order.
   * @param publish What others are told after a commit.
   */
  constructor(
    private readonly commit: (commits: readonly RunCommit[]) => Promise<RunCommitOutcome[]>,
    private readonly publish: (hints: readonly Hint[]) => void,
  ) {}

  /** Resolves with what the database said. Rejects with `unavailable` when it could not be reached within the lease. */
  submit(commit: RunCommit): Promise<RunCommitOutcome> {
    return new Promise((resolve, reject) => {
      this.queue.push({ commit, deadline: performance.now() + commit.ttlMs, resolve, reject });
      if (!this.busy) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.busy = true;
    while (this.queue.length > 0) await this.send(this.nextBatch());
    this.busy = false;
  }

  /** The oldest groups, one of each run: a driver that lost its run may still have one here beside its successor's. */
  private nextBatch(): Waiting[] {
    const batch = new Map<string, Waiting>();
    this.queue = this.queue.filter((each) => {
      const { runId } = each.commit;
      if (batch.size === MAX_BATCH || batch.has(runId)) return true;
      batch.set(runId, each);
      return false;
    });
    return [...batch.values()];
  }

  private async send(batch: Waiting[]): Promise<void> {
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)) {
      try {
        const outcomes = await this.commit(batch.map((each) => each.commit));
        batch.forEach((each, place) => this.answer(each, outcomes[place]!));
        return;
      } catch (error) {
        if (isRefusal(error)) return this.halve(batch, error);
        const alive = batch.filter((each) => performance.now() + delayMs < each.deadline);
        for (const each of batch) if (!alive.includes(each)) each.reject(unavailable(error));
        if (alive.length === 0) return;
        batch = alive;
        await new Promise((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random())));
      }
    }
  }

  private async halve(batch: Waiting[], error: unknown): Promise<void> {
    const [only] = batch;
    if (batch.length === 1 && only) return only.reject(toTapeError(error));
    const middle = Math.ceil(batch.length / 2);
    await this.send(batch.slice(0, middle));
    await this.send(batch.slice(middle));
  }

  private answer({ commit, resolve }: Waiting, outcome: RunCommitOutcome): void {
    resolve(outcome);
    if (!outcome.ok) return;
    const gates = [...commit.records, ...(commit.end?.closing ?? [])].some(({ happening }) => happening.kind === "gate" && happening.verb !== "delivered");
    const wake = outcome.ended && commit.end?.to === "RUNNABLE";
    const lost = commit.records.some(({ happening }) => happening.kind === "effect" && happening.verb === "unknown");
    this.publish([
      { on: "run", id: commit.runId, seq: outcome.seq, ...(gates && { gates }), ...(wake && { wake }) },
      ...commit.records.flatMap(({ due }): Hint[] => (due ? [{ on: "timer", at: outcome.at + due.inMs }] : [])),
      ...(lost ? [{ on: "reactors" } as const] : []),
    ]);
  }
}

/** SQLSTATE classes that the same statement would meet again: data, constraint, syntax and program limits. */
function isRefusal(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && /^(0A|21|22|23|42|54|XX)/.test(code);
}

function unavailable(cause: unknown): TapeError {
  return new TapeError("unavailable", "the database could not be reached within the lease; the run will be taken up again", undefined, { cause });
}
