import type { Effect } from "@tape/core";
import { assertId, notFound } from "../identity.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { EFFECT_COLUMNS, EFFECT_JOINS, toEffect, type EffectRow } from "./row.ts";

/** @throws {TapeError} `not_found` */
export async function getEffect(store: Store, { id }: { id: string }): Promise<Effect> {
  assertId("eff", id);
  const [row] = await read<EffectRow>(store, `SELECT ${EFFECT_COLUMNS} FROM tape.effects e ${EFFECT_JOINS} WHERE e.id = $1`, [id]);
  if (!row) throw notFound("eff", id);
  return toEffect(row);
}
