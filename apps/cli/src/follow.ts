import { TapeError, type Entry, type Run } from "@tape/core";
import type { Backend } from "./backend/backend.ts";

/** Between two looks at a journal that has not grown. */
const LOOK_MS = 250;

export interface Follow {
  /** Entries after this one are told; 0 for all. */
  fromSeq: number;
  tell(entries: readonly Entry[]): void;
  /** Told the run at each look, after its entries. */
  look?(run: Run): void;
  /** When it is enough. Everything up to then has been told. */
  isOver(run: Run): boolean;
  signal?: AbortSignal;
}

/** Follows a run's journal. Returns the run as it was at last. A Tape that is away for a while is asked again. */
export async function follow(backend: Backend, runId: string, { fromSeq, tell, look, isOver, signal }: Follow): Promise<Run> {
  let run = await backend.getRun(runId);
  for (let seq = fromSeq; ; ) {
    // The run first: whatever it says, the entries up to it are there.
    const next = await unlessAway(() => backend.getRun(runId));
    const isRead = next !== undefined && (await unlessAway(() => readUpTo(next.seq)));
    if (next && isRead) {
      run = next;
      look?.(run);
      if (isOver(run)) return run;
    }
    if (signal?.aborted) return run;
    await pause(LOOK_MS, signal);

    async function readUpTo(last: number): Promise<true> {
      while (seq < last) {
        const { items } = await backend.readJournal(runId, seq);
        if (items.length === 0) break;
        tell(items);
        seq = items.at(-1)?.seq ?? seq;
      }
      return true;
    }
  }
}

async function unlessAway<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (TapeError.is(error, "unavailable")) return undefined;
    throw error;
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
