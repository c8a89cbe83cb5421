import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { newNonce, pageHeaders } from "./security.ts";

/** The screens: what answers everything that is not the API. */
export interface Pages {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade: Upgrade;
  close(): Promise<void>;
}

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Next takes a moment to load; a server for machines has no screens at all. */
export type Screens = Pages | "starting" | "none";

export interface NextOptions {
  /** `apps/web`, where `.next` is. */
  dir: string;
  server: Server;
  hostname: string;
  port: number;
  isDevelopment: boolean;
}

/**
 * Next's handler behind our headers. Next itself is loaded here, so that the server without pages (its tests) does not.
 *
 * @throws {Error} In one line, when there is no build.
 */
export async function createNextPages({ dir, server, hostname, port, isDevelopment }: NextOptions): Promise<Pages> {
  const { default: next } = await import("next");
  let upgrade: Upgrade = (_, socket) => void socket.destroy();
  const app = next({ dir, dev: isDevelopment, hostname, port, httpServer: keepingUpgrades(server, (listener) => (upgrade = listener)) });
  await app.prepare();
  const handle = app.getRequestHandler();
  return {
    async handle(request, response) {
      const headers = pageHeaders({ nonce: newNonce(), frameAncestors: [], isDevelopment });
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      // From here Next takes the nonce for the scripts it writes.
      request.headers["content-security-policy"] = headers["content-security-policy"];
      await handle(request, response);
    },
    // Next leaves an upgrade that it does not know open for ever; only its development server has any.
    upgrade: (request, socket, head) => (isDevelopment && request.url?.startsWith("/_next/") ? upgrade(request, socket, head) : void socket.destroy()),
    close: () => app.close(),
  };
}

/** Next listens for upgrades on the server it is given, beside everybody else. Ours are told apart first, so its listener is kept for us to call. */
function keepingUpgrades(server: Server, keep: (listener: Upgrade) => void): Server {
  return new Proxy(server, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== "on") return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      return (event: string, listener: (...args: unknown[]) => void) => {
        if (event === "upgrade") keep(listener as Upgrade);
        else target.on(event, listener);
        return target;
      };
    },
  });
}
