import { createPool } from "@tape/prisma";
import type { Pool } from "pg";
import { createHintPublisher, type HintPublisher } from "./hint/publish.ts";

/** What every verb of this package takes first. One per process and database. */
export interface Store {
  /** For connections of one's own: a listener, a session lock. */
  readonly connectionString: string;
  readonly pool: Pool;
  readonly hints: HintPublisher;
  /** Sends the hints that are still waiting, then ends every connection. May be repeated. */
  close(): Promise<void>;
}

export interface StoreOptions {
  connectionString: string;
  /** Shown in `pg_stat_activity`. Default `tape`. */
  applicationName?: string;
  /** Most connections of the pool. Hints travel on one more. Default 10. */
  max?: number;
}

/** Longer than any statement of ours takes on a database that answers (ms). */
const QUERY_TIMEOUT_MS = 30_000;

/** Connects on first use, so that opening never fails and a database that comes back is simply used again. */
export function openStore({ connectionString, applicationName = "tape", max }: StoreOptions): Store {
  const pool = createPool({ connectionString, applicationName, queryTimeoutMs: QUERY_TIMEOUT_MS, ...(max !== undefined && { max }) });
  const hints = createHintPublisher({ connectionString, applicationName: `${applicationName} hints` });
  let closing: Promise<void> | undefined;
  return {
    connectionString,
    pool,
    hints,
    close: () => (closing ??= hints.close().then(() => pool.end())),
  };
}
