import type { ValueChange } from "@tape/core";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { assertValueName } from "./name.ts";
import { toValue, VALUE_COLUMNS, type ValueRow } from "./row.ts";

/**
 * The versions after `after` (0: all), in order, at most `limit`, each with the one before. What history no longer has
 * is counted in `skipped` of the next one that it has; `prevValue` is null where the version before is not there.
 */
export async function readVersions(
  store: Store,
  { namespace, key, after, limit }: { namespace: string; key: string; after: number; limit: number },
): Promise<ValueChange[]> {
  assertValueName(namespace, key);
  const rows = await read<ValueRow>(store, {
    name: "read_versions",
    text: `SELECT ${VALUE_COLUMNS} FROM tape.value_history v WHERE v.namespace = $1 AND v.key = $2 AND v.version >= $3 ORDER BY v.version LIMIT $4`,
    values: [namespace, key, after, limit + 1],
  });
  let prevVersion = after;
  let prevValue: unknown = null;
  const changes: ValueChange[] = [];
  for (const value of rows.map(toValue)) {
    if (value.version > after) changes.push({ ...value, prevVersion, prevValue: value.version === prevVersion + 1 ? prevValue : null, skipped: value.version - prevVersion - 1 });
    prevVersion = value.version;
    prevValue = value.value;
  }
  return changes.slice(0, limit);
}
