import { TapeError, type ValueChange } from "@tape/core";
import { watchValue } from "@tape/store";
import { z } from "zod";
import type { Connection } from "../connect.ts";
import { currentRun } from "../context.ts";
import { aSignal, checked } from "../given.ts";

export interface WatchOptions {
  /** The last version you have (exclusive); 0, the default, for all that history keeps. */
  fromVersion?: number;
  /** Ends the watch, without an error. */
  signal?: AbortSignal;
}

const watched = z.object({ namespace: z.string(), key: z.string(), options: z.object({ fromVersion: z.number().optional(), signal: aSignal.optional() }) });

export function watchValueOperation(connection: Connection) {
  return (namespace: string, key: string, options: WatchOptions = {}): AsyncIterable<ValueChange> => {
    checked("watchValue", watched, { namespace, key, options });
    if (currentRun()) {
      throw new TapeError("invalid_input", `watchValue ${namespace} ${key}: a run does not watch; await a signal (awaitSignal), or read the value where you need it (getValue)`);
    }
    return changes(connection, namespace, key, options);
  };
}

async function* changes(connection: Connection, namespace: string, key: string, { fromVersion, signal }: WatchOptions): AsyncGenerator<ValueChange> {
  const { closing } = connection;
  const store = await connection.store();
  const either = signal ? AbortSignal.any([signal, closing]) : closing;
  if (either.aborted) return;
  yield* watchValue(store, connection.hints(store), { namespace, key, ...(fromVersion !== undefined && { fromVersion }), signal: either });
}
