import { check, type Verdict } from "./check.ts";
import { doHarm, type Faults } from "./faults.ts";
import { People } from "./people.ts";
import { openPlace } from "./place.ts";
import { randomOf } from "./random.ts";
import { wishes } from "./wish.ts";

export interface StormOptions {
  seed: number;
  /** How long harm is done (ms). */
  ms: number;
  runs: number;
  /** How long it may take after that until all runs have ended (ms). Default 240,000. */
  calmMs?: number;
  tell?: (line: string) => void;
}

export interface Storm extends Verdict {
  faults: Faults;
  said: People["said"];
  /** From the end of the harm until the last run had ended (ms). */
  calmMs: number;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Starts runs over most of the time, does harm all the time, then leaves the machines alone until every run has ended,
 * and compares journal, counters and ledger.
 */
export async function storm({ seed, ms, runs, calmMs = 240_000, tell = () => {} }: StormOptions): Promise<Storm> {
  const asked = wishes(randomOf(seed), runs);
  const place = await openPlace();
  const over = new AbortController();
  try {
    const people = new People(place, asked);
    const began = performance.now();
    const harm = doHarm(place, randomOf(seed + 1), over.signal);
    // Whoever waits for the end of the harm hears of its failure; until then it must not end the process.
    harm.catch(() => over.abort());
    const cancels: Promise<void>[] = [];
    const starting = (async () => {
      for (const wish of asked) {
        const due = began + (ms * 0.85 * wish.n) / runs;
        while (performance.now() < due && !over.signal.aborted) await pause(20);
        await people.start(wish);
        if (wish.cancelsAfterMs !== null) cancels.push(pause(wish.cancelsAfterMs).then(() => people.cancel(wish)));
      }
    })();
    const left = new Set(asked);
    const look = async (): Promise<void> => {
      await people.look();
      for (const wish of left) if (await people.hasEnded(wish)) left.delete(wish);
    };
    while (performance.now() - began < ms && !over.signal.aborted) {
      await look();
      tell(`${Math.round((performance.now() - began) / 1000)} s: ${people.ids.size} started, ${runs - left.size} ended`);
      await pause(500);
    }
    over.abort();
    const faults = await harm;
    await starting;
    await Promise.all(cancels);
    const calm = performance.now();
    while (left.size > 0 && performance.now() - calm < calmMs) {
      await look();
      await pause(250);
    }
    const tookMs = performance.now() - calm;
    // Whoever was stopped in an act may still write it down.
    await pause(1_000);
    const verdict = await check(place, asked, people.ids);
    return { ...verdict, wrongs: [...[...left].map(({ n }) => `run ${n} ${people.ids.get(n)} has not ended as asked`), ...verdict.wrongs], faults, said: people.said, calmMs: tookMs };
  } finally {
    over.abort();
    await place.close();
  }
}

/** What a storm was, in one line. */
export function describe({ ended, faults, said, entries, acts, conflicts, calmMs, wrongs }: Storm): string {
  const of = (counts: object) => Object.entries(counts).map(([what, n]) => `${n} ${what}`).join(", ");
  return `${of(ended)}; harm: ${of(faults)}; people: ${of(said)}; ${entries} entries, ${acts} acts, ${conflicts} conflicts explained; calm after ${Math.round(calmMs / 1000)} s; ${wrongs.length} wrong`;
}
