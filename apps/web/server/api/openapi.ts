import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Guarded } from "../auth/guard.ts";

const INFO = {
  openapi: "3.1.0",
  info: {
    title: "Tape",
    version: "0.1.0",
    description:
      "Runs of agents, their journal, and the people around them. A single thing answers itself, a list answers `{ items, nextCursor }`, an error `{ error: { code, message, details? } }`. " +
      "Instants are ISO 8601 in UTC. Every `from…` is exclusive: the last one you have, 0 for all.",
    license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  },
};

/** `GET /openapi.json`: the routes of this app, described by the schemas that also check them. */
export function describe(app: OpenAPIHono<Guarded>, url: URL): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer", description: "An API token: `tape token create`." });
  app.openAPIRegistry.registerComponent("securitySchemes", "session", { type: "apiKey", in: "cookie", name: "tape.session_token" });
  app.get("/openapi.json", (c) => c.json({ ...app.getOpenAPI31Document(INFO), servers: [{ url: `${url.origin}/api/v1` }] }));
}
