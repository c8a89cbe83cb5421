import { TapeError } from "@tape/core";
import { readJournal, type Store } from "@tape/store";
import type { Caller } from "./caller.ts";

/**
 * Moves a run for a step of another run. Asked again after a crash, what was done the first time may be refused the
 * second, because the run has moved on since: then its journal says that `by` did it.
 *
 * @param verb the entry of kind `run` that says so
 */
export async function orDoneBefore(store: Store, { runId, verb, by, caller }: { runId: string; verb: string; by: string; caller: Caller }, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!caller.step || !TapeError.is(error, "illegal_transition") || !(await isSaid(store, runId, verb, by))) throw error;
  }
}

async function isSaid(store: Store, runId: string, verb: string, by: string): Promise<boolean> {
  for (let fromSeq: number | null = 0; fromSeq !== null; ) {
    const page: Awaited<ReturnType<typeof readJournal>> = await readJournal(store, { runId, fromSeq, limit: 1_000 });
    if (page.items.some((entry) => entry.kind === "run" && entry.verb === verb && "by" in entry.payload && entry.payload.by === by)) return true;
    fromSeq = page.nextCursor === null ? null : Number(page.nextCursor);
  }
  return false;
}
