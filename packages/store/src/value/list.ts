import type { Page, Value } from "@tape/core";
import { limitOf } from "../cursor.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { cutNames, decodeName } from "./cursor.ts";
import { assertNamespace } from "./name.ts";
import { toValue, VALUE_COLUMNS, type ValueRow } from "./row.ts";

/** The live values of a namespace, by key, in pages. */
export async function listValues(store: Store, { namespace, cursor, limit }: { namespace: string; cursor?: string; limit?: number }): Promise<Page<Value>> {
  assertNamespace(namespace);
  const size = limitOf(limit);
  const found = await read<ValueRow>(
    store,
    `SELECT ${VALUE_COLUMNS} FROM tape."values" v WHERE v.namespace = $1 AND v.key > $2 AND NOT v.deleted ORDER BY v.key LIMIT $3`,
    [namespace, cursor === undefined ? "" : decodeName(cursor), size + 1],
  );
  const { rows, nextCursor } = cutNames(found, size, ({ key }) => key);
  return { items: rows.map(toValue), nextCursor };
}
