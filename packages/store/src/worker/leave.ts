import { read } from "../read.ts";
import type { Store } from "../store.ts";

/** A worker that stops in order takes its name off, after it has released its leases. */
export async function leaveWorker(store: Store, { id }: { id: string }): Promise<void> {
  await read(store, "DELETE FROM tape.workers WHERE id = $1", [id]);
}
