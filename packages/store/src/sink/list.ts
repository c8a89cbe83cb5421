import type { Sink } from "@tape/core";
import type { Store } from "../store.ts";
import { readSinks, toSink } from "./row.ts";

/** Every sink there ever was and that nobody has had forgotten, by id, with how far behind it is. */
export async function listSinks(store: Store): Promise<Sink[]> {
  const rows = await readSinks(store, "true");
  const sinks: Sink[] = [];
  // One at a time: each may read thousands of entries.
  for (const row of rows) sinks.push(await toSink(store, row));
  return sinks;
}
