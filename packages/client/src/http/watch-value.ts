import { TapeError, type ErrorCode, type ValueChange } from "@tape/core";
import { acceptChange } from "../state/value-view.ts";
import { readEvents } from "./event-stream.ts";
import type { Open } from "./request.ts";

export interface WatchAsk {
  /** Exclusive: the last version you have, 0 for all that are kept. */
  fromVersion?: number;
  /** Ends the watch, quietly. */
  signal?: AbortSignal;
}

/** The server says every 15 s that it is there; three times missed is a connection that is gone (ms). */
const SILENCE_MS = 45_000;
/** The first wait before connecting again, and the longest (ms). */
const RETRY_MS = { first: 250, most: 5_000 };

/** What asking again does not change. */
const FINAL = new Set<ErrorCode>(["invalid_input", "unauthenticated", "forbidden", "not_found"]);

/**
 * Every version of a value after `fromVersion`, each once and in order. A connection that breaks, and a server that is away,
 * is asked again from the last version for as long as it takes.
 *
 * @throws {TapeError} What asking again does not change: `unauthenticated`, `forbidden`, `invalid_input`.
 */
export async function* watchValueByHttp(open: Open, path: string, { fromVersion = 0, signal }: WatchAsk): AsyncGenerator<ValueChange, void> {
  let version = fromVersion;
  let waitMs = RETRY_MS.first;
  while (!signal?.aborted) {
    // Its own, so that a reader that stops early also ends the connection.
    const connection = new AbortController();
    const end = () => connection.abort();
    signal?.addEventListener("abort", end);
    try {
      const headers = { accept: "text/event-stream", "last-event-id": String(version) };
      const { body } = await open(path, { query: { fromVersion: version }, headers, signal: connection.signal });
      if (body === null) throw new TapeError("unavailable", "The server streams nothing.");
      for await (const { event, data } of readEvents(body, SILENCE_MS)) {
        if (event !== "value") continue;
        const change = JSON.parse(data) as ValueChange;
        const { isNew, gap } = acceptChange(version, change);
        if (gap) break;
        if (!isNew) continue;
        version = change.version;
        waitMs = RETRY_MS.first;
        yield change;
      }
    } catch (error) {
      if (error instanceof TapeError && FINAL.has(error.code)) throw error;
    } finally {
      signal?.removeEventListener("abort", end);
      connection.abort();
    }
    await pause(waitMs * (0.75 + Math.random() / 2), signal);
    waitMs = Math.min(waitMs * 2, RETRY_MS.most);
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
