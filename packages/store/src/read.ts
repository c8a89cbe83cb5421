import type { QueryConfig, QueryResultRow } from "pg";
import { toTapeError } from "./failure.ts";
import type { Store } from "./store.ts";

/**
 * One statement, outside any transaction of ours.
 *
 * @throws {TapeError} `unavailable`, or `invalid_input` for text that PostgreSQL cannot hold.
 */
export async function read<Row extends QueryResultRow>(store: Store, statement: string | QueryConfig, values?: unknown[]): Promise<Row[]> {
  try {
    return (await store.pool.query<Row>(statement, values)).rows;
  } catch (error) {
    throw toTapeError(error);
  }
}
