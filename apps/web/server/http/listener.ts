import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { getRequestListener, RequestError } from "@hono/node-server";
import { TapeError } from "@tape/core";
import type { Logger } from "../log.ts";
import { answerMalformed, malformed } from "./malformed.ts";
import type { Screens } from "./pages.ts";

export interface ListenerOptions {
  api: { fetch(request: Request, env?: object): Response | Promise<Response> };
  screens: () => Screens;
  /** Where the console stands; `localhost` is sent there, since a session belongs to one host. */
  url: URL;
  log: Logger;
}

const OURS = /^\/(?:api|auth|embed)(?:\/|$)|^\/(?:sign-in|healthz|readyz|metrics)$/;

/** One listener for everything that is not a socket: our API first, then the screens. */
export function createListener({ api, screens, url, log }: ListenerOptions): RequestListener {
  const errorHandler = (error: unknown) => {
    if (!(error instanceof RequestError)) log.error({ err: error }, "a request failed before it reached a route");
    const known = error instanceof RequestError ? malformed() : new TapeError("internal", "Something went wrong in the server. Its log has the details.");
    return Response.json(known.toBody(), { status: known.status });
  };
  const answer = getRequestListener((request, env) => api.fetch(request, env), { errorHandler });
  return (request, response) => {
    const path = pathOf(request);
    if (path === null || request.headers.host === undefined) return answerMalformed(response);
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (isRead && !path.startsWith("/api") && isOtherName(request, url)) return redirect(request, response, url);
    if (OURS.test(path)) return void answer(request, response);
    const next = screens();
    if (next === "none") return refuse(response, 404, "There are no screens in this server.");
    if (next === "starting") return refuse(response.setHeader("retry-after", "1").setHeader("refresh", "1"), 503, "Tape is starting.");
    next.handle(request, response).catch((error: unknown) => {
      log.error({ err: error, path }, "a page failed");
      if (!response.headersSent) refuse(response, 500, "Something went wrong in the server. Its log has the details.");
      else response.destroy();
    });
  };
}

function pathOf(request: IncomingMessage): string | null {
  try {
    return new URL(request.url ?? "/", "http://host").pathname;
  } catch {
    return null;
  }
}

function isOtherName(request: IncomingMessage, url: URL): boolean {
  const host = request.headers.host?.toLowerCase();
  return host !== url.host && (host === "localhost" || host === `localhost:${url.port}`);
}

function redirect(request: IncomingMessage, response: ServerResponse, url: URL): void {
  const path = `/${(request.url ?? "/").replace(/^\/+/, "")}`;
  response.writeHead(307, { location: `${url.origin}${path}`, "cache-control": "no-store" }).end();
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", "x-content-type-options": "nosniff" }).end(`${text}\n`);
}
