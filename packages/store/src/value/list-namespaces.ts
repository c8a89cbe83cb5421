import type { Page } from "@tape/core";
import { limitOf } from "../cursor.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { assertText } from "../text.ts";
import { cutNames, decodeName } from "./cursor.ts";

export interface NamespaceInfo {
  namespace: string;
  /** How many values in it are live. */
  keys: number;
  /** When one of them was last written. */
  at: string;
}

/** Namespaces that hold live values, by name, in pages. `prefix`: only those that begin with it (`runs/`). */
export async function listNamespaces(store: Store, { prefix, cursor, limit }: { prefix?: string; cursor?: string; limit?: number } = {}): Promise<Page<NamespaceInfo>> {
  if (prefix !== undefined && prefix !== "") assertText(prefix, "prefix");
  const size = limitOf(limit);
  // From each namespace to the next by the primary key, whatever number of keys lies between.
  const found = await read<Omit<NamespaceInfo, "at"> & { at: Date }>(
    store,
    `WITH RECURSIVE name (namespace, place) AS (
       (SELECT v.namespace, 1 FROM tape."values" v WHERE v.namespace > $1 AND starts_with(v.namespace, $2) AND NOT v.deleted ORDER BY v.namespace LIMIT 1)
       UNION ALL
       SELECT next.namespace, name.place + 1 FROM name CROSS JOIN LATERAL (
         SELECT v.namespace FROM tape."values" v WHERE v.namespace > name.namespace AND starts_with(v.namespace, $2) AND NOT v.deleted ORDER BY v.namespace LIMIT 1
       ) next WHERE name.place < $3
     )
     SELECT name.namespace, own.keys, own.at FROM name CROSS JOIN LATERAL (
       SELECT count(*)::int AS keys, max(v.at) AS at FROM tape."values" v WHERE v.namespace = name.namespace AND NOT v.deleted
     ) own ORDER BY name.place`,
    [cursor === undefined ? "" : decodeName(cursor), prefix ?? "", size + 1],
  );
  const { rows, nextCursor } = cutNames(found, size, ({ namespace }) => namespace);
  return { items: rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() })), nextCursor };
}
