import type { Value } from "@tape/core";
import { parseBody } from "../body.ts";

/** A version of a value as every verb selects it, from `"values"` or `value_history`, named `v`. */
export const VALUE_COLUMNS = "v.namespace, v.key, v.value, v.version::float8 AS version, v.writer, v.at, v.deleted";

export interface ValueRow {
  namespace: string;
  key: string;
  /** JSON text; null: a tombstone. */
  value: string | null;
  version: number;
  writer: string;
  at: Date;
  deleted: boolean;
}

export function toValue({ namespace, key, value, version, writer, at, deleted }: ValueRow): Value {
  return { namespace, key, value: parseBody(value), version, writer, at: at.toISOString(), deleted };
}
