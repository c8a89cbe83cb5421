import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { LOOKED_AFTER, lookedAfterValues, type LoadedHere } from "./looked-after.ts";

/** How long until the next UNKNOWN effect that this worker looks after is due to be asked after, by the database's clock (ms). Null when none is. */
export async function nextCheckAt(store: Store, loaded: LoadedHere): Promise<{ inMs: number } | null> {
  const [row] = await read<{ inMs: number }>(
    store,
    `SELECT GREATEST(0, ceil(extract(epoch FROM e.next_check_at - tape.now()) * 1000))::float8 AS "inMs"
     FROM tape.effects e JOIN tape.runs r ON r.id = e.run_id
     WHERE e.next_check_at IS NOT NULL AND ${LOOKED_AFTER} ORDER BY e.next_check_at LIMIT 1`,
    lookedAfterValues(loaded),
  );
  return row ?? null;
}
