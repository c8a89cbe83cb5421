import type { Store } from "../store.ts";

/** What a database holds: of each table how many rows, and one figure that any change of any of them changes. */
export type StoredRows = Readonly<Record<string, string>>;

/** When a token was last used is written by every request, refused ones too: its rows are counted and no more. */
const COUNTED_ONLY = new Set(["api_tokens"]);

/** Looks at every table of the schema, so that one that is new is looked at by itself. Two looks that are equal: nothing was stored between them. */
export async function readStoredRows({ pool }: Pick<Store, "pool">): Promise<StoredRows> {
  const { rows: tables } = await pool.query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'tape' ORDER BY 1");
  const looks = tables.map(({ name }) => {
    const figure = COUNTED_ONLY.has(name) ? "''" : "coalesce(sum(hashtextextended(t::text, 0)), 0)::text";
    return `SELECT '${name}' AS name, count(*) || ' ' || ${figure} AS rows FROM tape."${name}" t`;
  });
  const { rows } = await pool.query<{ name: string; rows: string }>(looks.join(" UNION ALL "));
  return Object.fromEntries(rows.map((row) => [row.name, row.rows]));
}
