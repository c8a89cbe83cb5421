import pg from "pg";

/** The PostgreSQL schema that holds everything of ours. */
export const SCHEMA = "tape";

export interface PoolOptions {
  connectionString: string;
  /** Most connections open at once. Default 10. */
  max?: number;
  /** Shown in `pg_stat_activity`. Default `tape`. */
  applicationName?: string;
  /** A query that has no answer after this long is given up with its connection, which may have fallen silent for good (ms). Default: never. */
  queryTimeoutMs?: number;
  /** Told of connections that broke while nobody was waiting on them. They are replaced either way. */
  onConnectionError?: (error: Error) => void;
}

const INT8 = 20;
const INT8_ARRAY = 1016;

function toSafeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit a JavaScript number`);
  return value;
}

/** bigint becomes a number (an unsafe one is an error, never a rounded value); everything else as `pg` does it. */
const getTypeParser = ((oid: number, format?: "text" | "binary") => {
  const parse = pg.types.getTypeParser(oid, format as "text");
  if (format === "binary") return parse;
  if (oid === INT8) return toSafeNumber;
  if (oid === INT8_ARRAY) {
    return (text: string) => (parse(text) as unknown as (string | null)[]).map((n) => (n === null ? null : toSafeNumber(n)));
  }
  return parse;
}) as typeof pg.types.getTypeParser;

/**
 * The settings of every connection we open: `search_path` is our schema alone, so an unqualified name can
 * never reach a stranger's table. `options` already in the connection string are kept before ours.
 */
export function clientConfig({ connectionString, applicationName = "tape" }: PoolOptions): pg.ClientConfig {
  const url = new URL(connectionString);
  const options = [url.searchParams.get("options"), `-c search_path=${SCHEMA}`].filter(Boolean).join(" ");
  url.searchParams.delete("options");
  url.searchParams.delete("schema");
  return {
    connectionString: url.href,
    options,
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  };
}

/**
 * A pool of `pg` connections. A connection that breaks, idle or checked out, is reported to `onConnectionError`
 * and replaced; it never becomes an uncaught exception. The caller ends the pool.
 */
export function createPool(options: PoolOptions): pg.Pool {
  const { max = 10, queryTimeoutMs, onConnectionError = () => {} } = options;
  const pool = new pg.Pool({ ...clientConfig(options), max, idleTimeoutMillis: 30_000, ...(queryTimeoutMs !== undefined && { query_timeout: queryTimeoutMs }) });
  pool.on("error", onConnectionError);
  // The pool stops listening on a client while it is checked out, and an "error" nobody listens to ends the process.
  pool.on("connect", (client) => client.on("error", onConnectionError));
  return pool;
}
