import { newId, TapeError, type Entry } from "@tape/core";
import type { Sink } from "@tape/sdk";
import { claimSink, feedCursorAt, readFeed, releaseSink, sinkFailed, sinkPassed, stopSink, type FeedPage, type SinkTurn, type Store } from "@tape/store";
import type { Log } from "../log.ts";
import type { Pass } from "../loop.ts";
import { attemptDelivery, DEFAULT_TIMEOUT_MS } from "../sink/attempt.ts";

export interface SinkOptions {
  store: Store;
  /** This worker. */
  owner: string;
  sink: Sink;
  log: Log;
}

/** How often whoever has the sink looks for something new (ms). */
const LOOK_MS = 250;
/** How often it is looked whether a sink is free, or a person had it resumed (ms). */
const AGAIN_MS = 5_000;
/** Entries read at once, at least. */
const PAGE = 100;
/** A claim that is not renewed for this long is free, and so for twice the longest delivery (ms). */
const SHORTEST_CLAIM_MS = 60_000;
/** Within a page of many deliveries its cursor is written this often, so that a crash repeats little (ms). */
const SAVE_EVERY_MS = 2_000;

/**
 * Delivers the feed to one sink, at least once and in its order: reads, delivers, and then writes how far it came. One
 * worker at a time has the sink. What fails is tried again with back-off and holds up all that comes after it.
 */
export function sinkDeliveries({ store, owner, sink, log: base }: SinkOptions): { pass: Pass; drain(): Promise<void> } {
  const { id, batch = PAGE, timeoutMs = DEFAULT_TIMEOUT_MS, kinds } = sink;
  const log = base.child({ sink: id });
  const forMs = Math.max(SHORTEST_CLAIM_MS, 2 * timeoutMs);
  const claim = `${owner}/${newId("rec")}`;
  const report = { id, claim };
  /** What this worker has, and until when without asking the database. */
  let held: { cursor: string; attempts: number; until: number } | null = null;

  /** Takes the sink, or renews the claim: by the database when a third of it is gone. */
  const take = async (): Promise<SinkTurn> => {
    if (held && performance.now() < held.until) return { to: "deliver", ...held };
    const until = performance.now() + forMs / 3;
    const turn = await claimSink(store, { ...report, forMs });
    held = turn.to === "deliver" ? { cursor: turn.cursor, attempts: turn.attempts, until } : null;
    return turn;
  };

  /** Is it still this worker's, with nobody in between? */
  const keeps = async (): Promise<boolean> => {
    const saved = held?.cursor;
    const turn = await take();
    return turn.to === "deliver" && turn.cursor === saved;
  };

  /** False: another worker has it now. What that one has not heard of is delivered again. */
  const save = async (cursor: string): Promise<boolean> => {
    if (held?.cursor === cursor) return true;
    const isMine = await sinkPassed(store, { ...report, cursor });
    held = isMine && held ? { ...held, cursor, attempts: 0 } : null;
    if (!isMine) log.warn({}, "another worker delivers to the sink now");
    return isMine;
  };

  /** How long until it is looked again whether the next attempt is due. */
  const fail = async (reason: string): Promise<number> => {
    held = null;
    const failed = await sinkFailed(store, { ...report, error: reason });
    if (failed) log.warn({ reason, attempts: failed.attempts, retryInMs: Math.round(failed.retryInMs) }, "a delivery failed and is tried again; nothing is skipped");
    return Math.min(AGAIN_MS, failed?.retryInMs ?? AGAIN_MS);
  };

  /** Delivers a page in order. How long to wait, or null when all of it was delivered. */
  const deliver = async (page: FeedPage, from: { cursor: string; attempts: number }, signal: AbortSignal): Promise<number | null> => {
    let { cursor, attempts } = from;
    let savedAt = performance.now();
    for (const entries of chunksOf(page.entries, batch)) {
      if (!(await keeps())) return 0;
      const result = await attemptDelivery(sink, entries, { signal, attempt: attempts + 1 });
      if (result.status === "delivered") {
        if (attempts > 0) log.info({ attempts: attempts + 1 }, "the sink takes deliveries again");
        attempts = 0;
        cursor = feedCursorAt(page, entries.at(-1)!);
        if (performance.now() - savedAt < SAVE_EVERY_MS) continue;
        if (!(await save(cursor))) return AGAIN_MS;
        savedAt = performance.now();
        continue;
      }
      if (!(await save(cursor))) return AGAIN_MS;
      if (result.status === "stopped") return 0;
      if (result.status === "gone") {
        held = null;
        await stopSink(store, { ...report, reason: result.reason });
        log.error({ reason: result.reason }, "the sink is stopped: its receiver wants no more; tape sinks resume goes on from here");
        return AGAIN_MS;
      }
      return await fail(result.reason);
    }
    return null;
  };

  /** What comes next; or why the cursor is of no use any more, after a restore from a dump. */
  const readPage = async (cursor: string): Promise<FeedPage | TapeError> => {
    try {
      return await readFeed(store, { cursor, limit: Math.max(PAGE, batch), ...(kinds && { kinds }) });
    } catch (error) {
      if (TapeError.is(error, "invalid_input")) return error;
      throw error;
    }
  };

  return {
    pass: async (signal) => {
      const at = await take();
      if (at.to === "stopped") return AGAIN_MS;
      if (at.to === "wait") return Math.min(AGAIN_MS, at.retryInMs ?? AGAIN_MS);
      const page = await readPage(at.cursor);
      if (page instanceof TapeError) return await fail(page.message);
      const waitMs = await deliver(page, at, signal);
      if (waitMs !== null) return waitMs;
      if (!(await save(page.cursor))) return AGAIN_MS;
      return page.more ? 0 : LOOK_MS;
    },
    drain: async () => {
      held = null;
      await releaseSink(store, report).catch((error: unknown) => {
        if (!TapeError.is(error, "unavailable")) throw error;
      });
    },
  };
}

function chunksOf(entries: readonly Entry[], size: number): Entry[][] {
  return Array.from({ length: Math.ceil(entries.length / size) }, (_, place) => entries.slice(place * size, (place + 1) * size));
}
