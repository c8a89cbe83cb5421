import { createRoute } from "@hono/zod-openapi";
import { listOf } from "@tape/core";
import { forgetSink, listSinks, resumeSink } from "@tape/store";
import { answers, byId, forAll, forRole, refusals, resource, type ApiOptions } from "./resource.ts";
import { Sink } from "./wire.ts";

const list = createRoute({ ...forAll, method: "get", path: "/sinks", summary: "Receivers of all journals, and where each stands", responses: answers(listOf(Sink), "The sinks") });

const resume = createRoute({
  ...forRole("operator", "resume a sink"),
  method: "post",
  path: "/sinks/{id}/resume",
  summary: "Deliver again to a stopped sink; try one that waits for its next attempt now",
  request: { params: byId },
  responses: answers(Sink, "The sink"),
});

const forget = createRoute({
  ...forRole("admin", "forget a sink"),
  method: "delete",
  path: "/sinks/{id}",
  summary: "Give up the place of a sink that no live worker has; retention no longer waits for it",
  request: { params: byId },
  responses: { 204: { description: "It is forgotten" }, ...refusals },
});

export function sinkRoutes({ store }: ApiOptions) {
  return resource()
    .openapi(list, async (c) => c.json({ items: await listSinks(store), nextCursor: null }, 200))
    .openapi(resume, async (c) => c.json(await resumeSink(store, { id: c.req.valid("param").id, actor: c.var.identity.actor }), 200))
    .openapi(forget, async (c) => {
      await forgetSink(store, { id: c.req.valid("param").id, actor: c.var.identity.actor });
      return c.body(null, 204);
    });
}
