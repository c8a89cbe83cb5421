import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { SELF_FIRING_KINDS } from "./fire-due.ts";

/**
 * How long until the next timer is due, by the database's clock (ms; 0: one is due). Null when none is armed.
 *
 * @param kinds Only these. Default: those that `fireDueTimers` fires.
 */
export async function nextTimerAt(store: Store, { kinds = SELF_FIRING_KINDS }: { kinds?: readonly string[] } = {}): Promise<{ inMs: number } | null> {
  const [row] = await read<{ inMs: number }>(
    store,
    `SELECT GREATEST(0, ceil(extract(epoch FROM fire_at - tape.now()) * 1000))::float8 AS "inMs" FROM tape.timers
     WHERE status = 'ARMED' AND kind = ANY ($1) ORDER BY fire_at LIMIT 1`,
    [kinds],
  );
  return row ?? null;
}
