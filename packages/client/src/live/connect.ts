import { TapeError } from "@tape/core";
import { io } from "socket.io-client";
import type { TapeClient } from "../http/create-client.ts";
import type { InboxNews } from "../state/inbox.ts";
import type { RunListNews } from "../state/run-list.ts";
import type { RunNews } from "../state/run-view.ts";
import type { Source } from "../state/source.ts";
import { connectionLog, type Connection } from "./connection.ts";
import { watchInbox } from "./watch-inbox.ts";
import { watchRun } from "./watch-run.ts";
import { watchRuns, type RunsAsk } from "./watch-runs.ts";
import { watchValue, type ValueAsk } from "./watch-value.ts";
import type { LiveSocket, Watch, Wire } from "./watch.ts";

export interface LiveOptions {
  client: TapeClient;
  /** Where the server stands; in a browser the page's own origin. */
  baseUrl?: string;
  /** An API token; browsers send their session cookie instead. */
  token?: string;
  /** Between two questions while there is no socket (ms). */
  pollMs?: number;
  /** Between two looks whether the server still reaches its database, while there is a socket (ms). */
  beatMs?: number;
}

/** Stops one watch. Safe to call twice. */
export type Stop = () => void;

export interface Live {
  connection: Source<Connection>;
  /** `fromSeq`: the last entry that is already here, 0 for none. */
  watchRun(runId: string, fromSeq: number, tell: (news: RunNews) => void): Stop;
  watchRuns(ask: RunsAsk, tell: (news: RunListNews) => void): Stop;
  watchInbox(tell: (news: InboxNews) => void): Stop;
  watchValue(namespace: string, key: string, ask: ValueAsk): Stop;
  close(): void;
}

/** A socket that may take this long at first before questions are asked over HTTP (ms). */
const FIRST_CONNECT_MS = 1500;
/** A watch that was refused or not acknowledged is asked for again after this long (ms). */
const ASK_AGAIN_MS = 3000;

/**
 * Follows runs and gates as they change. Pushed over Socket.IO; asked for over HTTP while that is away, so a screen
 * converges either way, only later. At each reconnect every watch asks again from the last thing it has.
 */
export function connectLive({ client, baseUrl, token, pollMs = 3000, beatMs = 10_000 }: LiveOptions): Live {
  const log = connectionLog();
  const watches = new Set<Watch>();
  const options = {
    path: "/socket.io",
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    withCredentials: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5000,
    ...(token !== undefined && { auth: { token }, extraHeaders: { authorization: `Bearer ${token}` } }),
  };
  const socket: LiveSocket = baseUrl === undefined ? io(options) : io(baseUrl, options);
  const wire: Wire = { client, socket, heard: log.heard };

  let closed = false;
  let polling: ReturnType<typeof setTimeout> | undefined;
  let beating: ReturnType<typeof setTimeout> | undefined;

  socket.on("connect", () => {
    clearTimeout(polling);
    log.become("live");
    log.heard();
    for (const watch of watches) void ask(watch);
    beatSoon(beatMs);
  });
  socket.on("disconnect", (reason) => {
    if (closed) return;
    log.become("reconnecting");
    // Dropped by the server (the session ended, or it restarts): this client does not come back by itself.
    if (reason === "io server disconnect") setTimeout(() => !closed && socket.connect(), 500);
    pollSoon(pollMs);
  });
  socket.on("connect_error", (error) => {
    if (isUnauthenticated(error)) signedOut();
    else if (log.get().state === "live") log.become("reconnecting");
  });
  pollSoon(FIRST_CONNECT_MS);

  function pollSoon(afterMs: number): void {
    clearTimeout(polling);
    polling = setTimeout(() => void pollAll(), afterMs);
  }

  async function pollAll(): Promise<void> {
    if (closed || socket.connected || log.get().state === "signed_out") return;
    log.become("reconnecting");
    const answers = await Promise.allSettled([...watches].map((watch) => watch.poll()));
    if (answers.some((answer) => answer.status === "rejected" && TapeError.is(answer.reason, "unauthenticated"))) signedOut();
    if (!socket.connected) pollSoon(pollMs);
  }

  function beatSoon(afterMs: number): void {
    clearTimeout(beating);
    beating = setTimeout(() => void beat(), afterMs);
  }

  /** A socket says that the server is there, not that its database is: without it nothing would be pushed. */
  async function beat(): Promise<void> {
    if (closed || !socket.connected) return;
    try {
      const { serverTime } = await client.system();
      if (!socket.connected) return;
      const wasAway = log.get().state === "reconnecting";
      log.become("live");
      log.heard(serverTime);
      if (wasAway) for (const watch of watches) void ask(watch);
      beatSoon(beatMs);
    } catch (error) {
      if (closed || !socket.connected) return;
      if (TapeError.is(error, "unauthenticated")) return signedOut();
      log.become("reconnecting");
      beatSoon(pollMs);
    }
  }

  async function ask(watch: Watch): Promise<void> {
    try {
      await watch.ask();
    } catch (error) {
      if (TapeError.is(error, "unauthenticated")) return signedOut();
      if (TapeError.is(error, "not_found") || TapeError.is(error, "forbidden") || TapeError.is(error, "invalid_input")) return;
      setTimeout(() => socket.connected && watches.has(watch) && void ask(watch), ASK_AGAIN_MS);
    }
  }

  function signedOut(): void {
    log.become("signed_out");
    socket.disconnect();
  }

  function add(watch: Watch): Stop {
    watches.add(watch);
    if (socket.connected) void ask(watch);
    return () => {
      if (watches.delete(watch)) watch.stop();
    };
  }

  return {
    connection: log,
    watchRun: (runId, fromSeq, tell) => add(watchRun(wire, runId, fromSeq, tell)),
    watchRuns: (request, tell) => add(watchRuns(wire, request, tell)),
    watchInbox: (tell) => add(watchInbox(wire, tell)),
    watchValue: (namespace, key, request) => add(watchValue(wire, namespace, key, request)),
    close() {
      closed = true;
      clearTimeout(polling);
      clearTimeout(beating);
      for (const watch of watches) watch.stop();
      watches.clear();
      socket.disconnect();
    },
  };
}

/** The server refuses a handshake without a session by `unauthenticated`, as the message or in `data.error.code`. */
function isUnauthenticated(error: Error & { data?: { error?: { code?: string }; code?: string } }): boolean {
  return error.message === "unauthenticated" || error.data?.error?.code === "unauthenticated" || error.data?.code === "unauthenticated";
}
