import { read } from "../read.ts";
import type { Store } from "../store.ts";

/** How long until the next UNKNOWN effect of these tools is due to be asked after, by the database's clock (ms). Null when none is. */
export async function nextCheckAt(store: Store, { tools }: { tools: readonly { app: string; tool: string }[] }): Promise<{ inMs: number } | null> {
  const [row] = await read<{ inMs: number }>(
    store,
    `SELECT GREATEST(0, ceil(extract(epoch FROM e.next_check_at - tape.now()) * 1000))::float8 AS "inMs"
     FROM tape.effects e JOIN tape.runs r ON r.id = e.run_id
     JOIN unnest($1::text[], $2::text[]) AS loaded (app, tool) ON loaded.app = r.app AND loaded.tool = e.tool
     WHERE e.next_check_at IS NOT NULL ORDER BY e.next_check_at LIMIT 1`,
    [tools.map(({ app }) => app), tools.map(({ tool }) => tool)],
  );
  return row ?? null;
}
