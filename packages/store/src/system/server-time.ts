import { read } from "../read.ts";
import type { Store } from "../store.ts";

/** The one clock (D27): ISO 8601. Also the shortest way to ask whether the database answers. */
export async function serverTime(store: Store): Promise<string> {
  const [row] = await read<{ at: string }>(store, "SELECT tape.iso(tape.now()) AS at");
  return row!.at;
}
