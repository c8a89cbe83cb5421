import type { Gate } from "@tape/core";
import { isId } from "../identity.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { GATE_SELECT, toGate, type GateRow } from "./row.ts";

/** Every gate of these runs, whatever its status, in the order they were opened: what a live inbox does with a hint. */
export async function getGatesOfRuns(store: Store, { runIds }: { runIds: readonly string[] }): Promise<Gate[]> {
  const known = runIds.filter((id) => isId("run", id));
  if (known.length === 0) return [];
  const rows = await read<GateRow>(store, `${GATE_SELECT} WHERE g.run_id = ANY ($1) ORDER BY g.opened_at, g.id`, [known]);
  return rows.map(toGate);
}
