import type { Hint } from "@tape/core";
import type { PoolClient, QueryConfig, QueryResult, QueryResultRow } from "pg";
import { isConnectionFailure, isRetryable, toTapeError } from "./failure.ts";
import type { Store } from "./store.ts";

/** One open transaction. */
export interface Tx {
  query<Row extends QueryResultRow>(statement: string | QueryConfig, values?: unknown[]): Promise<QueryResult<Row>>;
  /** Leaves after the commit, and never when there is none. */
  hint(hint: Hint): void;
}

const ATTEMPTS = 6;
/** Before the second attempt, on average; doubles with each (ms). */
const PAUSE_MS = 8;

/**
 * Runs `work` in one READ COMMITTED transaction and publishes its hints after the commit. `work` runs again, from
 * the beginning, after a deadlock or serialization failure: it must not act outside the database.
 *
 * @throws {TapeError} `unavailable` when the database is away; when the connection broke during the commit itself,
 *   `details.committed` is `"unknown"`. Whatever `work` throws rolls back and is thrown on.
 */
export async function inTransaction<T>(store: Store, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce(store, work);
    } catch (error) {
      if (!isRetryable(error) || attempt === ATTEMPTS) throw toTapeError(error);
      await pause(PAUSE_MS * 2 ** (attempt - 1) * 2 * Math.random());
    }
  }
}

async function attemptOnce<T>(store: Store, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await store.pool.connect();
  const hints: Hint[] = [];
  const tx: Tx = {
    query: (statement, values) => client.query(statement, values),
    hint: (hint) => void hints.push(hint),
  };
  let broken: Error | undefined;
  try {
    await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
    const result = await work(tx);
    await commit(client);
    store.hints.publish(hints);
    return result;
  } catch (error) {
    broken = isConnectionFailure(error) ? (error as Error) : await rollback(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

async function commit(client: PoolClient): Promise<void> {
  try {
    await client.query("COMMIT");
  } catch (error) {
    const ours = toTapeError(error);
    throw isConnectionFailure(error) && ours instanceof Error ? Object.assign(ours, { details: { committed: "unknown" } }) : error;
  }
}

/** A connection that cannot even roll back is not given back to the pool. */
async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query("ROLLBACK");
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
