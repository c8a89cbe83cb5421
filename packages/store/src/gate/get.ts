import type { Gate } from "@tape/core";
import { assertId, notFound } from "../identity.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { GATE_SELECT, toGate, type GateRow } from "./row.ts";

/** @throws {TapeError} `not_found` */
export async function getGate(store: Store, { id }: { id: string }): Promise<Gate> {
  assertId("gate", id);
  const [row] = await read<GateRow>(store, `${GATE_SELECT} WHERE g.id = $1`, [id]);
  if (!row) throw notFound("gate", id);
  return toGate(row);
}
