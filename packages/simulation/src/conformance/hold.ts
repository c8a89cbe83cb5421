import fc from "fast-check";
import { histories } from "./histories.ts";
import { runHistory } from "./history.ts";
import type { RealSide } from "./sides.ts";
import type { Tally } from "./tally.ts";

/** How long a history that failed is made smaller (ms). */
const SHRINKING_MS = 60_000;

export interface Holding {
  /** How many histories, each of at most so many steps. */
  histories: number;
  steps: number;
  seed: number;
  /** Two calls at the same moment, now and then. */
  atOnce?: boolean;
  tally?: Tally;
}

/** @throws {Error} with the smallest history found on which the two sides do not agree, and its seed. */
export async function hold(real: RealSide, { histories: numRuns, steps, seed, atOnce = false, tally }: Holding): Promise<void> {
  let failedAt: number | null = null;
  const property = fc.asyncProperty(histories({ steps, atOnce }), async (history) => {
    if (failedAt !== null && performance.now() - failedAt > SHRINKING_MS) return;
    try {
      await runHistory(real, history, tally);
    } catch (error) {
      failedAt ??= performance.now();
      throw error;
    }
  });
  await fc.assert(property, { seed, numRuns });
}
