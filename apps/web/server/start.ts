import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createPrisma } from "@tape/prisma/client";
import { openStore, serverTime, systemStatus } from "@tape/store";
import { createAuth } from "./auth/auth.ts";
import { sessionSecret } from "./auth/secret.ts";
import { createLinks } from "./embed/links.ts";
import type { Env } from "./env.ts";
import { createApp } from "./http/app.ts";
import { keptFor } from "./http/kept.ts";
import { createListener } from "./http/listener.ts";
import { refuseMalformed } from "./http/malformed.ts";
import { createMetrics } from "./http/metrics.ts";
import type { Pages, Screens } from "./http/pages.ts";
import { createStreams } from "./http/streams.ts";
import { liveReads } from "./live/reads.ts";
import { createRooms } from "./live/rooms.ts";
import { createLive, type Live } from "./live/server.ts";
import type { Logger } from "./log.ts";

/** The API without a network in between, for server components (D45). */
export type Fetch = (request: Request) => Promise<Response>;

export interface StartOptions {
  env: Pick<Env, "databaseUrl" | "host" | "port" | "secret"> & Partial<Pick<Env, "embedOrigins">>;
  log: Logger;
  /** Where hints are listened for, when a pooler stands before the database. Default: the database's URL. */
  listenUrl?: string;
  /** The screens; without them the server is the API and the sockets. */
  pages?: (running: { server: Server; url: URL; fetch: Fetch }) => Promise<Pages>;
}

export interface RunningServer {
  url: string;
  fetch: Fetch;
  /** Streams and sockets first, then requests, then the connections to the database. May be repeated. */
  stop(): Promise<void>;
}

/** Counts are read at most this often, however many ask: at many runs they are the slowest read there is (ms). */
const STATUS_MS = 1_000;
/** Requests that are under way may finish within this time (ms). */
const GRACE_MS = 3_000;

/** One HTTP server: the API, the sockets, then the screens. Fails when the port is taken or the database is away. */
export async function startServer({ env, log, listenUrl = env.databaseUrl, pages }: StartOptions): Promise<RunningServer> {
  const store = openStore({ connectionString: env.databaseUrl, applicationName: "tape web" });
  const prisma = createPrisma(store.pool);
  // A request without a Host is ours to refuse.
  const server = createServer({ requireHostHeader: false });
  refuseMalformed(server);
  const closeServer = closer(server);
  const streams = createStreams(log);
  let live: Live | undefined;
  let screens: Screens = pages ? "starting" : "none";

  async function stopOnce(): Promise<void> {
    streams.stop();
    await live?.stop();
    await closeServer();
    if (typeof screens === "object") await screens.close();
    await prisma.$disconnect();
    await store.close();
  }
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopOnce());

  try {
    await serverTime(store);
    const secret = await sessionSecret(store, env.secret);
    const url = await listen(server, env);
    const auth = createAuth({ prisma, secret, url: url.origin, log });
    const reads = liveReads(store);
    const rooms = createRooms({ reads, log });
    const status = keptFor(STATUS_MS, () => systemStatus(store));
    const metrics = createMetrics({ status, countSockets: () => live?.countSockets() ?? 0 });
    const app = createApp({ store, auth, rooms, streams, links: createLinks(secret), embedOrigins: env.embedOrigins ?? [], status, metrics, url, log });
    server.on("request", createListener({ api: app, screens: () => screens, url, log }));
    live = createLive({ server, surroundings: { store, auth }, rooms, reads, connectionString: listenUrl, log, onHint: metrics.hint });
    server.on("upgrade", (request, socket, head) => {
      if (request.url?.startsWith("/socket.io/")) return;
      if (typeof screens === "object") screens.upgrade(request, socket, head);
      else socket.destroy();
    });
    const fetch: Fetch = async (request) => await app.fetch(request);
    if (pages) screens = await pages({ server, url, fetch });
    return { url: url.origin, fetch, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address that was given, with the port that was found when 0 was asked for. */
async function listen(server: Server, { host, port }: Pick<Env, "host" | "port">): Promise<URL> {
  server.listen(port, host);
  await once(server, "listening");
  const { port: found } = server.address() as AddressInfo;
  const everywhere = host === "0.0.0.0" || host === "::";
  const name = everywhere ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return new URL(`http://${name}:${found}`);
}

/** Also ends connections that were upgraded, which the server itself no longer counts as its own. */
function closer(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    // A connection whose request ends only now stays open for another one otherwise.
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const timer = setTimeout(() => sockets.forEach((socket) => socket.destroy()), GRACE_MS);
    await closed;
    clearInterval(idle);
    clearTimeout(timer);
  };
}
