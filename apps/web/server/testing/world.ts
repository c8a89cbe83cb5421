import type { Role } from "@tape/core";
import { createTestDatabase, type TestDatabase } from "@tape/prisma/testing";
import { createSignInLink, createToken, openStore, type Store } from "@tape/store";
import { createLog } from "../log.ts";
import { startServer, type RunningServer } from "../start.ts";
import { liveClients, type LiveClients } from "./socket.ts";

/** A database of its own and a server that listens, without screens. */
export interface World {
  database: TestDatabase;
  store: Store;
  server: RunningServer;
  url: string;
  /** Another server on the same database. */
  anotherServer(): Promise<RunningServer>;
  /** The secret of a new token. */
  token(role: Role): Promise<string>;
  /** The `Cookie` header of a new session of the owner, or of somebody with this role. */
  signIn(role?: Role): Promise<string>;
  /** A request with this role's token. Answers are JSON. */
  ask(role: Role | null, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  sockets: LiveClients;
  stop(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

/** JSON as a test reads it: any path, checked by what is expected there. */
interface Json {
  [name: string]: Json;
}

/** @param listenUrl Makes the address where hints are listened for out of the database's. */
export async function createWorld({ listenUrl = async (url) => url }: { listenUrl?: (databaseUrl: string) => Promise<string> } = {}): Promise<World> {
  const database = await createTestDatabase();
  const store = openStore({ connectionString: database.url, applicationName: "test" });
  const servers: RunningServer[] = [];
  const tokens = new Map<Role, Promise<string>>();
  let made = 0;

  async function start(): Promise<RunningServer> {
    const env = { databaseUrl: database.url, host: "127.0.0.1", port: 0, secret: undefined };
    const server = await startServer({ env, listenUrl: await listenUrl(database.url), log: createLog(process.env["TAPE_TEST_LOG"] ?? "silent") });
    servers.push(server);
    return server;
  }
  const server = await start();
  const sockets = liveClients(server.url);

  async function token(role: Role): Promise<string> {
    const actor = { id: "cli:test@localhost", email: null, role: "admin" as const };
    return (await createToken(store, { name: `${role}-${++made}`, role, actor })).token;
  }

  return {
    database,
    store,
    server,
    url: server.url,
    anotherServer: start,
    token,
    async signIn(role) {
      const person = role === undefined ? {} : { email: `${role}@example.com`, role };
      const link = await createSignInLink({ pool: store.pool, url: server.url, ...person });
      const response = await fetch(link, { redirect: "manual" });
      const [cookie] = response.headers.getSetCookie();
      return cookie?.split(";")[0] ?? "";
    },
    async ask(role, method, path, body, headers = {}) {
      if (role !== null && !tokens.has(role)) tokens.set(role, token(role));
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: {
          ...(role !== null && { authorization: `Bearer ${await tokens.get(role)}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: (text === "" ? {} : JSON.parse(text)) as Json };
    },
    sockets,
    async stop() {
      sockets.close();
      await Promise.all(servers.map((one) => one.stop()));
      await store.close();
      await database.drop();
    },
  };
}
