import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { firesItself, HAS_HANDLER, SELF_FIRING_KINDS } from "./kinds.ts";

/** One that a worker is at work on is looked at again after at most this long: that worker may be dead by then (ms). */
const LOOK_AGAIN_MS = 2_000;

/**
 * How long until the next timer is due, or is to be tried again, by the database's clock (ms; 0: one is due). Null when
 * none is armed.
 *
 * @param kinds Only these. Default: those that `fireDueTimers` fires.
 * @param apps Only of these apps' runs. Default: of all.
 */
export async function nextTimerAt(
  store: Store,
  { kinds = SELF_FIRING_KINDS, apps }: { kinds?: readonly string[]; apps?: readonly string[] } = {},
): Promise<{ inMs: number } | null> {
  const from = apps === undefined ? "tape.timers t WHERE" : "tape.timers t JOIN tape.runs r ON r.id = t.run_id WHERE r.app = ANY ($2) AND";
  const armed = `${from} t.status = 'ARMED' AND t.kind = ANY ($1)${kinds.some(firesItself) ? "" : ` AND ${HAS_HANDLER}`}`;
  const [row] = await read<{ inMs: number | null }>(
    store,
    `SELECT ceil(extract(epoch FROM min(next.at) - tape.now()) * 1000)::float8 AS "inMs" FROM (
       (SELECT t.fire_at AS at FROM ${armed} AND t.claim_expires_at IS NULL ORDER BY t.fire_at LIMIT 1)
       UNION ALL
       SELECT min(CASE WHEN t.claim IS NULL THEN t.claim_expires_at ELSE LEAST(t.claim_expires_at, tape.now() + ${LOOK_AGAIN_MS} * interval '1 ms') END)
       FROM ${armed} AND t.fire_at <= tape.now() AND t.claim_expires_at IS NOT NULL
     ) next`,
    apps === undefined ? [kinds] : [kinds, apps],
  );
  return row && row.inMs !== null ? { inMs: Math.max(0, row.inMs) } : null;
}
