import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { newNonce, pageHeaders } from "./security.ts";

/** The screens: what answers everything that is not the API. */
export interface Pages {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Next takes a moment to load; a server for machines has no screens at all. */
export type Screens = Pages | "starting" | "none";

export interface NextOptions {
  /** `apps/web`, where `.next` is. */
  dir: string;
  server: Server;
  hostname: string;
  port: number;
  embedOrigins: readonly string[];
  isDevelopment: boolean;
}

/**
 * Next's handler behind our headers. Next itself is loaded here, so that the server without pages (its tests) does not.
 *
 * @throws {Error} In one line, when there is no build.
 */
export async function createNextPages({ dir, server, hostname, port, embedOrigins, isDevelopment }: NextOptions): Promise<Pages> {
  const { default: next } = await import("next");
  const app = next({ dir, dev: isDevelopment, hostname, port, httpServer: withoutUpgrades(server) });
  await app.prepare();
  const handle = app.getRequestHandler();
  const upgrade = app.getUpgradeHandler();
  return {
    async handle(request, response) {
      const frameAncestors = request.url?.startsWith("/embed/") ? embedOrigins : [];
      const headers = pageHeaders({ nonce: newNonce(), frameAncestors, isDevelopment });
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      // From here Next takes the nonce for the scripts it writes.
      request.headers["content-security-policy"] = headers["content-security-policy"];
      await handle(request, response);
    },
    upgrade,
    close: () => app.close(),
  };
}

/** Next adds an upgrade listener of its own to the server it is given; ours decides whose an upgrade is. */
function withoutUpgrades(server: Server): Server {
  return new Proxy(server, {
    get(target, name) {
      if (name === "on") return (event: string, listener: (...args: unknown[]) => void) => (event === "upgrade" ? target : target.on(event, listener));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}
