import { read } from "../read.ts";
import type { Store } from "../store.ts";
import type { ConnectorPlaces } from "./claim.ts";

/** How long until the next effect of these connectors is due to be sent, by the database's clock (ms). Null when none is. */
export async function nextOutboxAt(store: Store, { connectors }: { connectors: readonly Pick<ConnectorPlaces, "app" | "connector">[] }): Promise<{ inMs: number } | null> {
  const [row] = await read<{ inMs: number | null }>(store, {
    name: "tape_next_outbox_at",
    text: `SELECT min(GREATEST(0, ceil(extract(epoch FROM d.due_at - tape.now()) * 1000)))::float8 AS "inMs"
      FROM unnest($1::text[], $2::text[]) AS w (app, connector) CROSS JOIN LATERAL (
        SELECT e.due_at FROM tape.effects e JOIN tape.runs r ON r.id = e.run_id
        WHERE e.connector = w.connector AND e.due_at IS NOT NULL AND r.app = w.app AND e.in_flight_at IS NULL ORDER BY e.due_at LIMIT 1
      ) d`,
    values: [connectors.map(({ app }) => app), connectors.map(({ connector }) => connector)],
  });
  return row?.inMs == null ? null : { inMs: row.inMs };
}
