import { randomBytes } from "node:crypto";
import { HINT_CHANNEL, hints as hintsSchema, type Hint } from "@tape/core";
import { clientConfig } from "@tape/prisma";
import pg from "pg";

export interface ListenOptions {
  connectionString: string;
  /** Default `tape listener`. */
  applicationName?: string;
  onHints: (hints: Hint[]) => void;
  /** After every connect, the first included: hints may have been missed, read again. */
  onResync: () => void;
  /** Told why the connection was lost or a callback threw. */
  onError?: (error: unknown) => void;
  /** How often it sends itself a message to see that it is still subscribed (ms). Default 20,000. */
  checkEveryMs?: number;
  /** A message to itself that is not heard within this time means that the subscription is gone (ms). Default 5,000. */
  checkTimeoutMs?: number;
}

const BACKOFF_MS = { first: 50, most: 5_000 };

/**
 * Subscribes to hints on a connection of its own, for ever: connects again with back-off and says `onResync` each time.
 * Returns at once, connected or not. `stop` is safe before the first connect, twice, and in the middle of one.
 */
export function listenForHints(options: ListenOptions): { stop(): Promise<void> } {
  const { onError = () => {} } = options;
  const stopping = new AbortController();
  const told = (tell: () => void) => {
    try {
      tell();
    } catch (error) {
      onError(error);
    }
  };

  const loop = (async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        await listenOnce(options, stopping.signal, told, () => {
          failures = 0;
          told(options.onResync);
        });
      } catch (error) {
        if (!stopping.signal.aborted) told(() => onError(error));
      }
      const ceiling = Math.min(BACKOFF_MS.first * 2 ** failures++, BACKOFF_MS.most);
      await pause(ceiling * (0.5 + Math.random() / 2), stopping.signal);
    }
  })();

  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}

/** Resolves when asked to stop, rejects when the connection or the subscription is lost. */
async function listenOnce(
  { connectionString, applicationName = "tape listener", onHints, checkEveryMs = 20_000, checkTimeoutMs = 5_000 }: ListenOptions,
  stopping: AbortSignal,
  told: (tell: () => void) => void,
  onSubscribed: () => void,
): Promise<void> {
  const client = new pg.Client({ ...clientConfig({ connectionString, applicationName }), query_timeout: checkTimeoutMs });
  const own = `tape_check_${randomBytes(8).toString("hex")}`;
  let heard: () => void = () => {};
  const lost = new Promise<never>((_, reject) => {
    client.on("error", reject);
    client.on("end", () => reject(new Error("the connection for hints was closed")));
  });
  lost.catch(() => {});
  client.on("notification", ({ channel, payload }) => {
    if (channel === own) return heard();
    const parsed = parseHints(payload);
    if (parsed.length > 0) told(() => onHints(parsed));
  });

  const check = async () => {
    const echo = new Promise<boolean>((resolve) => (heard = () => resolve(true)));
    await client.query("SELECT pg_notify($1, '')", [own]);
    const isHeard = await Promise.race([echo, pause(checkTimeoutMs, stopping).then(() => false)]);
    if (!isHeard && !stopping.aborted) throw new Error("the subscription for hints is gone");
  };

  try {
    await Promise.race([client.connect(), lost]);
    await client.query(`LISTEN ${own}; LISTEN ${HINT_CHANNEL}`);
    onSubscribed();
    while (!stopping.aborted) {
      await Promise.race([check(), lost]);
      await Promise.race([pause(checkEveryMs, stopping), lost]);
    }
  } finally {
    await client.end().catch(() => {});
  }
}

function parseHints(payload: string | undefined): Hint[] {
  try {
    const parsed = hintsSchema.safeParse(JSON.parse(payload ?? ""));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}

/** Ends early, without an error, when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
