import { createRoute, z } from "@hono/zod-openapi";
import { listOf, OBLIGATION_STATUSES, obligationResolutionRequest, pageRequest } from "@tape/core";
import { getObligation, listObligations, resolveObligation } from "@tape/store";
import { answers, byId, forAll, forRole, resource, takes, type ApiOptions } from "./resource.ts";
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

const get = createRoute({ ...forAll, method: "get", path: "/obligations/{id}", summary: "One obligation", request: { params: byId }, responses: answers(Obligation, "The obligation") });

const resolve = createRoute({
  ...forRole("operator", "settle an obligation"),
  method: "post",
  path: "/obligations/{id}/resolution",
  summary: "Settle an obligation by a person's word: done by hand, waived, or tried again",
  request: { params: byId, body: takes(obligationResolutionRequest) },
  responses: answers(Obligation, "The obligation; the walk goes on when none is STUCK"),
});

export function obligationRoutes({ store }: ApiOptions) {
  return resource()
    .openapi(list, async (c) => c.json(await listObligations(store, c.req.valid("query")), 200))
    .openapi(ofRun, async (c) => c.json(await listObligations(store, { runId: c.req.valid("param").id, ...c.req.valid("query") }), 200))
    .openapi(get, async (c) => c.json(await getObligation(store, { id: c.req.valid("param").id }), 200))
    .openapi(resolve, async (c) => c.json(await resolveObligation(store, { ...c.req.valid("json"), id: c.req.valid("param").id, actor: c.var.identity.actor }), 200));
}
