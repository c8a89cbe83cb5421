import { createRoute, z } from "@hono/zod-openapi";
import { listOf, OBLIGATION_STATUSES, pageRequest } from "@tape/core";
import { listObligations } from "@tape/store";
import { answers, byId, forAll, resource, type ApiOptions } from "./resource.ts";
import { Obligation } from "./wire.ts";

const list = createRoute({
  ...forAll,
  method: "get",
  path: "/obligations",
  summary: "Obligations by status: what the desk for STUCK shows",
  request: { query: pageRequest.extend({ status: z.enum(OBLIGATION_STATUSES).default("STUCK") }) },
  responses: answers(listOf(Obligation), "A page of obligations"),
});

const ofRun = createRoute({
  ...forAll,
  method: "get",
  path: "/runs/{id}/obligations",
  summary: "What a compensation of this run would undo, or has undone",
  request: { params: byId, query: pageRequest },
  responses: answers(listOf(Obligation), "Its obligations"),
});

export function obligationRoutes({ store }: ApiOptions) {
  return resource()
    .openapi(list, async (c) => c.json(await listObligations(store, c.req.valid("query")), 200))
    .openapi(ofRun, async (c) => c.json(await listObligations(store, { runId: c.req.valid("param").id, ...c.req.valid("query") }), 200));
}
