import type { SystemStatus } from "@tape/core";
import { serverTime } from "@tape/store";
import { Hono } from "hono";
import { apiRoutes } from "../api/api.ts";
import { guard, type Guarded } from "../auth/guard.ts";
import type { Surroundings } from "../auth/identity.ts";
import { signInRoute } from "../auth/sign-in.ts";
import type { Links } from "../embed/links.ts";
import { embedRoutes } from "../embed/routes.ts";
import type { Rooms } from "../live/rooms.ts";
import type { Logger } from "../log.ts";
import { limitBody } from "./body.ts";
import { answerError, answerNotFound } from "./errors.ts";
import { createLimiter } from "./limiter.ts";
import type { Metrics } from "./metrics.ts";
import { API_HEADERS, EMBED_HEADERS } from "./security.ts";
import type { Streams } from "./streams.ts";

export interface AppOptions extends Surroundings {
  rooms: Rooms;
  streams: Streams;
  links: Links;
  /** Who may show `/embed/…` in a frame. */
  embedOrigins: readonly string[];
  status: () => Promise<SystemStatus>;
  metrics: Metrics;
  url: URL;
  log: Logger;
}

/** Wrong credentials from one address that are answered as such; then it is told to wait. */
const FAILURES = { most: 30, windowMs: 60_000 };

/** All of our HTTP but the screens: the API, sign-in, what others embed and what operates it. */
export function createApp({ store, auth, rooms, streams, links, embedOrigins, status, metrics, url, log }: AppOptions): Hono<Guarded> {
  const surroundings = { store, auth };
  const app = new Hono<Guarded>();
  app.onError(answerError(log));
  app.notFound(answerNotFound);
  app.use(metrics.timed);
  app.use(async (c, next) => {
    await next();
    const headers = c.req.path.startsWith("/embed/") ? EMBED_HEADERS : API_HEADERS;
    for (const [name, value] of Object.entries(headers)) if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  });

  const guarded = guard(surroundings, createLimiter(FAILURES));
  app.get("/healthz", (c) => c.json({ ok: true }));
  app.get("/readyz", async (c) => c.json({ ok: true, serverTime: await serverTime(store) }));
  app.get("/metrics", guarded, async (c) => c.text(await metrics.text(), 200, { "content-type": metrics.contentType }));
  app.route("/", signInRoute(surroundings, createLimiter(FAILURES)));

  app.route("/", embedRoutes({ store, links, rooms, streams, frameAncestors: embedOrigins }));

  app.use("/api/*", guarded, limitBody);
  app.route("/api/v1", apiRoutes({ store, auth, rooms, streams, links, status, url }));
  return app;
}
