import type { WhyWaiting } from "@tape/core";
import type { Store } from "../store.ts";
import type { RunRow } from "./row.ts";

/** Why each of these runs is where it is, for a whole page at once. Ended runs have no entry. */
export async function whyOf(_store: Store, _rows: readonly RunRow[]): Promise<Map<string, WhyWaiting[]>> {
  return new Map();
}
