import { nextTimerAt, type Store } from "@tape/store";

/** How long a reactor of timers sleeps at most: a hint that a sooner timer was armed may be lost (ms). */
const LONGEST_MS = 30_000;
/** Another worker has what is due: it is not asked again at once (ms). */
const TAKEN_MS = 50;

/** How long until the next timer of these is due, by the database's clock (ms). `idle`: the pass found nothing it could take. */
export async function untilNextTimer(store: Store, { idle, ...which }: { idle: boolean } & NonNullable<Parameters<typeof nextTimerAt>[1]>): Promise<number> {
  const next = await nextTimerAt(store, which);
  if (!next) return LONGEST_MS;
  return Math.min(LONGEST_MS, idle ? Math.max(TAKEN_MS, next.inMs) : next.inMs);
}
