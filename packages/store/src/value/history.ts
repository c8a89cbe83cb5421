import type { Page, Value } from "@tape/core";
import { limitOf } from "../cursor.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { assertValueName } from "./name.ts";
import { toValue, VALUE_COLUMNS, type ValueRow } from "./row.ts";

/**
 * The versions of a value that history has, at least the newest 2,000, newest first. `nextCursor` is the
 * `beforeVersion` of the page after, as text.
 */
export async function valueHistory(
  store: Store,
  { namespace, key, beforeVersion, limit }: { namespace: string; key: string; beforeVersion?: number; limit?: number },
): Promise<Page<Value>> {
  assertValueName(namespace, key);
  const size = limitOf(limit);
  const rows = await read<ValueRow>(
    store,
    `SELECT ${VALUE_COLUMNS} FROM tape.value_history v WHERE v.namespace = $1 AND v.key = $2 AND ($3::bigint IS NULL OR v.version < $3) ORDER BY v.version DESC LIMIT $4`,
    [namespace, key, beforeVersion ?? null, size + 1],
  );
  const items = rows.slice(0, size).map(toValue);
  return { items, nextCursor: rows.length > size ? String(items.at(-1)!.version) : null };
}
