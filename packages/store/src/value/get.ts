import type { Value } from "@tape/core";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { assertValueName } from "./name.ts";
import { toValue, VALUE_COLUMNS, type ValueRow } from "./row.ts";

/**
 * A value as it stands, a tombstone included (`deleted`). Null: it was never written.
 *
 * @throws {TapeError} `invalid_input` for what cannot be a namespace or a key.
 */
export async function getValue(store: Store, { namespace, key }: { namespace: string; key: string }): Promise<Value | null> {
  assertValueName(namespace, key);
  const [row] = await read<ValueRow>(store, {
    name: "get_value",
    text: `SELECT ${VALUE_COLUMNS} FROM tape."values" v WHERE v.namespace = $1 AND v.key = $2`,
    values: [namespace, key],
  });
  return row ? toValue(row) : null;
}
