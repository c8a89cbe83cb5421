import type { Store } from "../store.ts";
import { toTapeError, isRetryable } from "../failure.ts";
import { writeValues, type ValueOutcome, type ValueWrite } from "./write.ts";

/** Values per statement, and bytes of them. Larger batches gain little and make the one that waits longest wait longer. */
const MOST_WRITES = 500;
const MOST_CHARACTERS = 4_000_000;
const ATTEMPTS = 6;
/** Before the second attempt, on average; doubles with each (ms). */
const PAUSE_MS = 4;

interface Waiting {
  write: ValueWrite;
  resolve(outcome: ValueOutcome): void;
  reject(error: unknown): void;
}

const writers = new WeakMap<Store["pool"], ValueWriter>();

/** Writes one value, in one statement with whatever else this process writes at the moment. */
export function submitWrite(store: Store, write: ValueWrite): Promise<ValueOutcome> {
  let writer = writers.get(store.pool);
  if (!writer) writers.set(store.pool, (writer = new ValueWriter(store)));
  return writer.submit(write);
}

/**
 * Group commit in the application, without a timer: whatever arrives while a statement is under way is the next one.
 * Writes to one key are sent in the order they were submitted, one in each statement.
 */
class ValueWriter {
  private queue: Waiting[] = [];
  private isBusy = false;

  constructor(private readonly store: Store) {}

  submit(write: ValueWrite): Promise<ValueOutcome> {
    return new Promise((resolve, reject) => {
      this.queue.push({ write, resolve, reject });
      if (!this.isBusy) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.isBusy = true;
    while (this.queue.length > 0) await this.send(this.nextBatch());
    this.isBusy = false;
  }

  private nextBatch(): Waiting[] {
    const batch = new Map<string, Waiting>();
    let characters = 0;
    const later = new Set<string>();
    this.queue = this.queue.filter((each) => {
      const { namespace, key, value } = each.write;
      const name = `${namespace}\n${key}`;
      const size = value?.length ?? 0;
      const isFull = batch.size === MOST_WRITES || (batch.size > 0 && characters + size > MOST_CHARACTERS);
      if (isFull || batch.has(name) || later.has(name)) {
        later.add(name);
        return true;
      }
      batch.set(name, each);
      characters += size;
      return false;
    });
    return [...batch.values()];
  }

  private async send(batch: Waiting[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const outcomes = await writeValues(this.store.pool, batch.map(({ write }) => write));
        this.store.hints.publish(
          outcomes.flatMap((outcome) => (outcome.ok && outcome.written ? [{ on: "value" as const, namespace: outcome.value.namespace, key: outcome.value.key, version: outcome.value.version }] : [])),
        );
        batch.forEach(({ resolve }, place) => resolve(outcomes[place]!));
        return;
      } catch (error) {
        if (attempt < ATTEMPTS && (isRetryable(error) || isTwinStep(error))) {
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt * Math.random()));
          continue;
        }
        return await this.giveUp(batch, error);
      }
    }
  }

  /** A write that PostgreSQL refuses takes no other one with it. */
  private async giveUp(batch: Waiting[], error: unknown): Promise<void> {
    const ours = toTapeError(error);
    if (batch.length === 1 || ours !== error) return batch.forEach(({ reject }) => reject(ours));
    for (const each of batch) await this.send([each]);
  }
}

/** The same step was asked by somebody else in the same moment: the next statement finds what it wrote. */
function isTwinStep(error: unknown): boolean {
  return (error as { constraint?: unknown } | null)?.constraint === "value_history_step";
}
