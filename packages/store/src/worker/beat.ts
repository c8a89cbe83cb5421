import { read } from "../read.ts";
import type { Store } from "../store.ts";

/**
 * Says that a worker is alive, every half second (D26).
 *
 * @param running How many runs it drives at the moment.
 * @param stopping It takes no more.
 * @returns False when nobody knows it any more: register again.
 */
export async function beatWorker(store: Store, { id, running, stopping = false }: { id: string; running: number; stopping?: boolean }): Promise<boolean> {
  const rows = await read(store, {
    name: "beat_worker",
    text: "UPDATE tape.workers SET beat_at = tape.now(), running = $2, stopping = $3 WHERE id = $1 RETURNING id",
    values: [id, running, stopping],
  });
  return rows.length > 0;
}
