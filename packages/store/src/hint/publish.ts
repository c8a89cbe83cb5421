import { HINT_CHANNEL, type Hint } from "@tape/core";
import { clientConfig } from "@tape/prisma";
import pg from "pg";
import { addHint, packHints, type HintSet } from "./merge.ts";

export interface HintPublisher {
  /** Returns at once and never throws. Call it after the commit that the hints speak of. */
  publish(hints: readonly Hint[]): void;
  /** Sends what waits, if the database takes it within a second, then closes the connection. May be repeated. */
  close(): Promise<void>;
}

/** `pg_notify` takes 7,999 bytes. */
const PACKET_BYTES = 7_900;
/** A connection that does not answer for this long is given up (ms). */
const TIMEOUT_MS = 5_000;
/** Between a failure and the second and last try (ms). */
const PAUSE_MS = 100;
/** More different hints than this wait for a database that is away: the older ones are dropped, readers poll. */
const MOST_WAITING = 10_000;

/**
 * Hints on a connection of their own, never inside the write: `pg_notify` in a transaction serialises every commit of
 * the server. What is published while a packet is on its way leaves together with the next. Failures are swallowed.
 */
export function createHintPublisher({ connectionString, applicationName }: { connectionString: string; applicationName: string }): HintPublisher {
  let waiting: HintSet = new Map();
  let sending: Promise<void> | undefined;
  let client: pg.Client | undefined;
  let isClosed = false;

  async function connected(): Promise<pg.Client> {
    if (client) return client;
    const fresh = new pg.Client({ ...clientConfig({ connectionString, applicationName }), connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS });
    fresh.on("error", () => drop(fresh));
    fresh.on("end", () => drop(fresh));
    await fresh.connect();
    return (client = fresh);
  }

  function drop(gone: pg.Client): void {
    if (client === gone) client = undefined;
  }

  async function deliver(packets: string[]): Promise<boolean> {
    try {
      const to = await connected();
      await to.query("SELECT pg_notify($1, packet) FROM unnest($2::text[]) AS packet", [HINT_CHANNEL, packets]);
      return true;
    } catch {
      const broken = client;
      client = undefined;
      await broken?.end().catch(() => {});
      return false;
    }
  }

  async function send(): Promise<void> {
    await new Promise(setImmediate);
    while (waiting.size > 0) {
      const packets = packHints(waiting, PACKET_BYTES);
      waiting = new Map();
      // A connection that broke while it was idle is told only by the first use: once more on a new one.
      if ((await deliver(packets)) || isClosed) continue;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS).unref());
      await deliver(packets);
    }
  }

  return {
    publish(hints) {
      if (isClosed) return;
      for (const hint of hints) addHint(waiting, hint);
      if (waiting.size > MOST_WAITING) waiting = new Map([...waiting].slice(-MOST_WAITING));
      if (waiting.size > 0) sending ??= send().finally(() => (sending = undefined));
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await Promise.race([sending, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
      waiting = new Map();
      await client?.end().catch(() => {});
    },
  };
}
