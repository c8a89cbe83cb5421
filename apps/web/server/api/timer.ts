import { createRoute } from "@hono/zod-openapi";
import { listOf, pageRequest } from "@tape/core";
import { listTimers } from "@tape/store";
import { answers, byId, forAll, resource, type ApiOptions } from "./resource.ts";
import { Timer } from "./wire.ts";

const ofRun = createRoute({
  ...forAll,
  method: "get",
  path: "/runs/{id}/timers",
  summary: "A run's timers",
  request: { params: byId, query: pageRequest },
  responses: answers(listOf(Timer), "Its timers"),
});

export function timerRoutes({ store }: ApiOptions) {
  return resource().openapi(ofRun, async (c) => c.json({ items: await listTimers(store, { runId: c.req.valid("param").id }), nextCursor: null }, 200));
}
