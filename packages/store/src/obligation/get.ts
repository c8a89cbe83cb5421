import type { Obligation } from "@tape/core";
import { assertId, notFound } from "../identity.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { OBLIGATION_COLUMNS, toObligation, type ObligationRow } from "./row.ts";

/** @throws {TapeError} `not_found` */
export async function getObligation(store: Store, { id }: { id: string }): Promise<Obligation> {
  assertId("obl", id);
  const [row] = await read<ObligationRow>(store, `SELECT ${OBLIGATION_COLUMNS} FROM tape.obligations o WHERE o.id = $1`, [id]);
  if (!row) throw notFound("obl", id);
  return toObligation(row);
}
