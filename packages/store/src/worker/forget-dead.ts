import { read } from "../read.ts";
import type { Store } from "../store.ts";

/**
 * Takes workers off the list that have been silent for long, ten minutes unless told otherwise: long after every lease
 * of theirs has run out.
 *
 * @returns Their ids.
 */
export async function forgetDeadWorkers(store: Store, { silentMs = 600_000 }: { silentMs?: number } = {}): Promise<string[]> {
  const rows = await read<{ id: string }>(
    store,
    "DELETE FROM tape.workers WHERE beat_at < tape.now() - $1 * interval '1 ms' RETURNING id",
    [silentMs],
  );
  return rows.map(({ id }) => id);
}
