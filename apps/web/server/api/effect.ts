import { createRoute, z } from "@hono/zod-openapi";
import { EFFECT_STATUSES, effectResolutionRequest, listOf, pageRequest } from "@tape/core";
import { getEffect, listEffects, resolveEffect } from "@tape/store";
import { answers, byId, forAll, forRole, resource, takes, type ApiOptions } from "./resource.ts";
import { Effect } from "./wire.ts";

const list = createRoute({
  ...forAll,
  method: "get",
  path: "/effects",
  summary: "Effects that are UNKNOWN, or PENDING because their sending keeps failing: what the desk shows",
  request: { query: pageRequest.extend({ status: z.enum(EFFECT_STATUSES).default("UNKNOWN") }) },
  responses: answers(listOf(Effect), "A page of effects"),
});

const get = createRoute({ ...forAll, method: "get", path: "/effects/{id}", summary: "One effect", request: { params: byId }, responses: answers(Effect, "The effect") });

const ofRun = createRoute({
  ...forAll,
  method: "get",
  path: "/runs/{id}/effects",
  summary: "A run's effects",
  request: { params: byId, query: pageRequest },
  responses: answers(listOf(Effect), "Its effects, as they were intended"),
});

const resolve = createRoute({
  ...forRole("operator", "settle an effect"),
  method: "post",
  path: "/effects/{id}/resolution",
  summary: "Settle an effect by a person's word",
  request: { params: byId, body: takes(effectResolutionRequest) },
  responses: answers(Effect, "The effect, settled or sent again"),
});

export function effectRoutes({ store }: ApiOptions) {
  return resource()
    .openapi(list, async (c) => c.json(await listEffects(store, c.req.valid("query")), 200))
    .openapi(get, async (c) => c.json(await getEffect(store, { id: c.req.valid("param").id }), 200))
    .openapi(ofRun, async (c) => c.json(await listEffects(store, { runId: c.req.valid("param").id, ...c.req.valid("query") }), 200))
    .openapi(resolve, async (c) => c.json(await resolveEffect(store, { ...c.req.valid("json"), id: c.req.valid("param").id, actor: c.var.identity.actor }), 200));
}
